"""Mails as rows, written in the transaction of what causes them."""

import uuid

from django.db import models
from django.db.models import Q

from mgestion.text.dates import numeric_moment


class MailStatus(models.TextChoices):
    QUEUED = "queued", "à envoyer"
    SENT = "sent", "accepté par le serveur"
    DEAD = "dead", "en échec"
    DROPPED = "dropped", "sans objet"


class MailPriority(models.IntegerChoices):
    """Lower numbers leave first."""

    AWAITED = 0, "une personne l’attend"
    LETTER = 1, "courrier"


class Mail(models.Model):
    """One mail to one address. It refers to people and objects by UUID, and to its wording by kind.

    Claimed (`claimed_by`, `claimed_until`) and sent (`accepted_at`) are two facts. `message_id`
    never changes, so that a second copy after a crash is recognised by the recipient's server.
    Times are aware, stored in UTC.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("nature", max_length=60)
    subject_id = models.UUIDField("objet", editable=False)
    cycle = models.CharField("cycle", max_length=60, blank=True)
    key = models.CharField(max_length=200, unique=True, editable=False)  # kind:subject:cycle
    person = models.UUIDField("personne", null=True, blank=True, db_index=True, editable=False)
    data = models.JSONField("données", default=dict, blank=True)
    status = models.CharField(
        "état", max_length=8, choices=MailStatus.choices, default=MailStatus.QUEUED
    )
    created_at = models.DateTimeField("créé le")
    next_at = models.DateTimeField("prochain essai")
    priority = models.PositiveSmallIntegerField(
        "priorité", choices=MailPriority.choices, default=MailPriority.LETTER
    )
    attempts = models.PositiveIntegerField("essais", default=0)
    claimed_by = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    message_id = models.CharField("Message-ID", max_length=120, unique=True, editable=False)
    # What was rendered for the last attempt; purged after RETENTION["mail_bodies"]
    to = models.CharField("destinataire", max_length=254, blank=True)
    subject = models.CharField("sujet", max_length=200, blank=True)
    text = models.TextField("texte", blank=True)
    html = models.TextField("HTML", blank=True)
    deadline = models.DateField("dernier jour annoncé", null=True, blank=True)
    accepted_at = models.DateTimeField("accepté le", null=True, blank=True)
    first_refused_at = models.DateTimeField("premier refus du destinataire", null=True, blank=True)
    last_error = models.CharField("dernière erreur", max_length=300, blank=True)

    class Meta:
        verbose_name = "e-mail"
        verbose_name_plural = "e-mails"
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=MailStatus.values), name="mail_status_known"
            )
        ]
        indexes = [
            # In the order in which they are claimed.
            models.Index(
                fields=["priority", "next_at"], condition=Q(status="queued"), name="mail_due_first"
            ),
            models.Index(fields=["status", "-created_at"], name="mail_by_status"),
            models.Index(fields=["-created_at"], name="mail_recent"),
        ]

    def __str__(self) -> str:
        return self.subject or f"{self.kind}, {numeric_moment(self.created_at)}"


class BounceOutcome(models.TextChoices):
    """What became of one report about a mail that the relay had accepted."""

    HARD = "hard", "non remis"
    SOFT = "soft", "retardé, encore essayé"
    FINE = "fine", "remis, ou transmis"
    REPEATED = "repeated", "déjà lu"
    UNMATCHED = "unmatched", "d’aucun e-mail du portail"
    OTHER_RECIPIENT = "other_recipient", "pour un autre destinataire"
    UNREADABLE = "unreadable", "illisible"


class Bounce(models.Model):
    """A report that a mail was not delivered, or late, after the relay had accepted it.

    `fingerprint`: of the report, so that the same one counts once. The person's address is flagged
    until an agent unblocks it (`cleared_at`) or they take another one. What came back from another
    address than theirs flags nothing: it is cleared from the beginning.
    """

    mail = models.ForeignKey(
        Mail, verbose_name="e-mail", on_delete=models.CASCADE, related_name="bounces"
    )
    outcome = models.CharField("résultat", max_length=4, choices=BounceOutcome.choices[:2])
    status = models.CharField("code", max_length=11, blank=True)
    read_at = models.DateTimeField("lu le")
    fingerprint = models.CharField(max_length=64, editable=False)
    cleared_at = models.DateTimeField("débloqué le", null=True, blank=True)
    cleared_by = models.UUIDField("débloqué par", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "e-mail revenu"
        verbose_name_plural = "e-mails revenus"
        ordering = ("-read_at",)
        constraints = [
            models.UniqueConstraint(fields=["mail", "fingerprint"], name="bounce_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=("hard", "soft")), name="bounce_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(cleared_by__isnull=True) | Q(cleared_at__isnull=False),
                name="bounce_cleared_by_somebody_at_some_time",
            ),
        ]
        indexes = [models.Index(fields=["outcome", "-read_at"], name="bounce_recent")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.status}".strip()


class BounceTotal(models.Model):
    """How many reports had each outcome, since the beginning; those that changed nothing too."""

    outcome = models.CharField(max_length=16, unique=True, choices=BounceOutcome.choices)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = "nombre d’e-mails revenus"
        verbose_name_plural = "nombres d’e-mails revenus"

    def __str__(self) -> str:
        return f"{self.outcome} {self.count}"


class MailText(models.Model):
    """One wording of a kind of mail by the national administrator. Rows are only added: the one of
    the highest number holds, and one without a body gives the portal's own text back.
    """

    kind = models.CharField("nature", max_length=60, editable=False)
    number = models.PositiveIntegerField("numéro", editable=False)
    subject = models.CharField("objet", max_length=200, blank=True)
    body = models.TextField("texte", blank=True)
    written_by = models.UUIDField("écrit par", editable=False)
    written_at = models.DateTimeField("écrit le", editable=False)
    # When a mail could not be rendered with it, so that the original text was sent
    failed_at = models.DateTimeField("n’a pas pu servir le", null=True, editable=False)

    class Meta:
        verbose_name = "texte d’e-mail"
        verbose_name_plural = "textes des e-mails"
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="mail_text_number_once"),
            models.CheckConstraint(
                condition=Q(subject="", body="") | ~(Q(subject="") | Q(body="")),
                name="mail_text_whole_or_original",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def is_original(self) -> bool:
        return not self.body
