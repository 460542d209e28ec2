"""Cases, holds, proposals, runs, reviews, and the ledger that outlives the accounts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lifecycle.enums import (
    CaseCause,
    CaseOutcome,
    CaseState,
    HoldReason,
    LedgerLine,
    ProposalOutcome,
    ProposalReason,
    ProposedAct,
    ReviewKind,
    RunOutcome,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_moment


class LifecycleCaseQuerySet(models.QuerySet["LifecycleCase"]):
    def open(self) -> "LifecycleCaseQuerySet":
        return self.filter(closed_at__isnull=True)


class LifecycleCase(models.Model):
    """One procedure of one account, from its first act to its end.

    `anchor`: the Paris date of the last activity or of the deactivation; `anchor_ends`: its 24:00.
    `due_at`: the first moment of the next step, empty until the mail that announces it is
    accepted. Times are aware, stored in UTC; days are Paris dates.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="+"
    )
    cause = models.CharField("cause", max_length=12, choices=CaseCause.choices)
    state = models.CharField("étape", max_length=16, choices=CaseState.choices)
    anchor = models.DateField("point de départ")
    anchor_ends = models.DateTimeField(editable=False)
    opened_at = models.DateTimeField("ouverte le")
    mail = models.ForeignKey(
        Mail,
        verbose_name="e-mail attendu",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    mails = models.PositiveSmallIntegerField("e-mails mis en file", default=0)
    notice_accepted_at = models.DateTimeField("avertissement accepté le", null=True, blank=True)
    notice_last_day = models.DateField("dernier jour de l’avertissement", null=True, blank=True)
    deactivated_at = models.DateTimeField("désactivé le", null=True, blank=True)
    announced_at = models.DateTimeField("annonce acceptée le", null=True, blank=True)
    deletion_last_day = models.DateField("dernier jour avant suppression", null=True, blank=True)
    due_at = models.DateTimeField("échéance", null=True, blank=True)
    # A posted letter replaces a mail that cannot be delivered.
    notice_letter_on = models.DateField("lettre d’avertissement postée le", null=True, blank=True)
    deletion_letter_on = models.DateField(
        "lettre d’annonce de suppression postée le", null=True, blank=True
    )
    # Since when a request under review has stopped the deadline.
    paused_since = models.DateTimeField("échéance arrêtée depuis", null=True, blank=True)
    closed_at = models.DateTimeField("terminée le", null=True, blank=True)
    outcome = models.CharField("issue", max_length=12, choices=CaseOutcome.choices, blank=True)

    objects = LifecycleCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "procédure"
        verbose_name_plural = "procédures"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(closed_at__isnull=True),
                name="case_open_once",
                violation_error_message="Ce compte a déjà une procédure en cours.",
            ),
            # At most one notice per anchor.
            models.UniqueConstraint(
                fields=["user", "anchor"],
                condition=Q(cause=CaseCause.INACTIVITY),
                name="case_idle_once",
                violation_error_message="Ce compte a déjà été averti pour cette période.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=CaseState.values, cause__in=CaseCause.values),
                name="case_words_known",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.CLOSED, closed_at__isnull=False, outcome__gt="")
                | (~Q(state=CaseState.CLOSED) & Q(closed_at__isnull=True, outcome="")),
                name="case_closed_iff_dated",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(CaseState.NOTIFIED, CaseState.ANNOUNCED), due_at__isnull=False
                )
                | Q(
                    state__in=(CaseState.NOTICE_QUEUED, CaseState.DEACTIVATED, CaseState.CLOSED),
                    due_at__isnull=True,
                ),
                name="case_due_iff_accepted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "due_at"],
                condition=Q(closed_at__isnull=True),
                name="case_open_due",
            ),
            models.Index(fields=["-opened_at"], name="case_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()}, {self.anchor:%d/%m/%Y}"


class HoldQuerySet(models.QuerySet["Hold"]):
    def active(self) -> "HoldQuerySet":
        return self.filter(released_at__isnull=True)


class Hold(models.Model):
    """Stops every step and deadline of an account, or of all with `everything`: the kill
    switch that needs no restart.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    everything = models.BooleanField("tous les comptes", default=False)
    reason = models.CharField("motif", max_length=16, choices=HoldReason.choices)
    placed_at = models.DateTimeField("posée le")
    placed_by = models.UUIDField("posée par", null=True, blank=True)  # empty: the portal itself
    released_at = models.DateTimeField("levée le", null=True, blank=True)
    released_by = models.UUIDField("levée par", null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = "retenue"
        verbose_name_plural = "retenues"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(released_at__isnull=True),
                name="hold_open_once",
                violation_error_message="La procédure de ce compte est déjà retenue.",
            ),
            models.UniqueConstraint(
                fields=["everything"],
                condition=Q(released_at__isnull=True, everything=True),
                name="hold_all_once",
                violation_error_message="Toutes les procédures sont déjà retenues.",
            ),
            models.CheckConstraint(
                condition=Q(everything=True, user__isnull=True)
                | Q(everything=False, user__isnull=False),
                name="hold_one_or_all",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=HoldReason.values), name="hold_reason_known"
            ),
        ]
        indexes = [models.Index(fields=["-placed_at"], name="hold_recent")]

    def __str__(self) -> str:
        return self.get_reason_display()


class StaffProposalQuerySet(models.QuerySet["StaffProposal"]):
    def pending(self) -> "StaffProposalQuerySet":
        return self.filter(decided_at__isnull=True)


class StaffProposal(models.Model):
    """An act on an account that one agent proposes and another one confirms."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="+"
    )
    act = models.CharField("acte", max_length=12, choices=ProposedAct.choices)
    reason = models.CharField("motif", max_length=12, choices=ProposalReason.choices)
    channel = models.CharField("demande reçue par", max_length=8, blank=True)
    received_on = models.DateField("demande reçue le", null=True, blank=True)
    address = models.EmailField("nouvelle adresse", max_length=254, blank=True)
    note = models.CharField("précision", max_length=300, blank=True)
    proposed_at = models.DateTimeField("proposée le")
    proposed_by = models.UUIDField("proposée par")
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.UUIDField("décidée par", null=True, blank=True)
    outcome = models.CharField("issue", max_length=12, choices=ProposalOutcome.choices, blank=True)

    objects = StaffProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "acte à confirmer"
        verbose_name_plural = "actes à confirmer"
        ordering = ("-proposed_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(decided_at__isnull=True),
                name="proposal_open_once",
                violation_error_message="Un acte attend déjà une confirmation pour ce compte.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=ProposalOutcome.CONFIRMED) | ~Q(decided_by=F("proposed_by")),
                name="proposal_two_agents",
                violation_error_message="Un autre agent doit confirmer.",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    outcome__in=ProposalOutcome.values,
                ),
                name="proposal_decided_iff_dated",
            ),
            models.CheckConstraint(
                condition=Q(act__in=ProposedAct.values, reason__in=ProposalReason.values),
                name="proposal_words_known",
            ),
        ]
        indexes = [models.Index(fields=["-proposed_at"], name="proposal_recent")]

    def __str__(self) -> str:
        return f"{self.get_act_display()}, {self.proposed_at:%d/%m/%Y}"


class LifecycleRun(models.Model):
    """A run. `failures` identifies accounts by their ledger reference."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField("commencée le")
    finished_at = models.DateTimeField("terminée le", null=True, blank=True)
    trigger = models.CharField("déclenchée par", max_length=40)
    outcome = models.CharField(
        "résultat", max_length=12, choices=RunOutcome.choices, default=RunOutcome.RUNNING
    )
    counts = models.JSONField("comptes", default=dict, blank=True)
    failures = models.JSONField("échecs", default=list, blank=True)
    text = models.CharField("remarque", max_length=300, blank=True)

    class Meta:
        verbose_name = "exécution du cycle de vie"
        verbose_name_plural = "exécutions du cycle de vie"
        ordering = ("-started_at",)
        indexes = [models.Index(fields=["-started_at"], name="run_recent")]

    def __str__(self) -> str:
        return f"{french_moment(self.started_at)}, {self.get_outcome_display()}"


class LedgerEntry(models.Model):
    """What was done to an account, under a pseudonymous reference. Append-only by database
    triggers; kept for RETENTION["ledger"].
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("le")
    reference = models.CharField("référence", max_length=32)  # keyed hash of the public id
    line = models.CharField("acte", max_length=20, choices=LedgerLine.choices)
    cause = models.CharField("cause", max_length=12, choices=CaseCause.choices, blank=True)
    anchor = models.DateField("point de départ", null=True, blank=True)
    last_day = models.DateField("dernier jour", null=True, blank=True)
    reason = models.CharField("motif", max_length=60, blank=True)  # a code
    case_id = models.UUIDField("procédure", null=True, blank=True)
    mail_id = models.UUIDField("e-mail", null=True, blank=True)
    run_id = models.UUIDField("exécution", null=True, blank=True)
    actor = models.CharField("auteur", max_length=60, blank=True)

    class Meta:
        verbose_name = "ligne du registre"
        verbose_name_plural = "registre"
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["reference", "id"], name="ledger_reference"),
            models.Index(fields=["at"], name="ledger_at"),
        ]

    def __str__(self) -> str:
        return f"{french_moment(self.at)}, {self.get_line_display()}"


class Reminder(models.Model):
    """The one reminder of an unfinished sign-up."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    queued_at = models.DateTimeField("mis en file le")

    class Meta:
        verbose_name = "rappel d’inscription"
        verbose_name_plural = "rappels d’inscription"

    def __str__(self) -> str:
        return f"{self.queued_at:%Y-%m-%d}"


class Review(models.Model):
    """A confirmation that an agent's rights, or a suspension, stay."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField("objet", max_length=12, choices=ReviewKind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField("confirmé le")
    by = models.UUIDField("confirmé par", null=True, blank=True)

    class Meta:
        verbose_name = "revue"
        verbose_name_plural = "revues"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ReviewKind.values), name="review_kind_known"
            )
        ]
        indexes = [
            models.Index(fields=["user", "kind", "-at"], name="review_latest"),
            models.Index(fields=["-at"], name="review_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%d/%m/%Y}"
