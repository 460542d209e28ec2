"""Documents and answers asked of the applicant (askings), their templates, and received files."""

import uuid
from datetime import date

from django.db import models
from django.db.models import Q

from mgestion.text.dates import last_day_before
from registrations.requests.enums import FileKind, ScanResult
from registrations.requests.models import Request


class AskingTemplate(models.Model):
    """A text that agents start from when they ask for a document or an answer."""

    code = models.SlugField("code", max_length=40, unique=True)
    label = models.CharField("libellé", max_length=120)
    message = models.TextField("message proposé")
    documents = models.TextField(
        "documents attendus",
        blank=True,
        help_text="Un par ligne\u202f; rien\u00a0: une réponse écrite.",
    )
    enabled = models.BooleanField("proposé", default=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "modèle de demande de document"
        verbose_name_plural = "modèles de demande de document"
        ordering = ("position", "label")

    def __str__(self) -> str:
        return self.label


class AskingQuerySet(models.QuerySet["Asking"]):
    def open(self) -> "AskingQuerySet":
        return self.filter(closed_at__isnull=True)


class Asking(models.Model):
    """Documents or an answer asked of the applicant, with a deadline.

    `deadline_at` is 24:00, Paris time, of the last day. `closed_at` is set when the asking is
    answered or withdrawn, or when the request ends without an answer.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="askings")
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.UUIDField("demandé par", null=True, blank=True)
    message = models.TextField("message")
    documents = models.TextField("documents", blank=True)  # one a line
    deadline_at = models.DateTimeField("réponse attendue avant")
    remind_at = models.DateTimeField("rappel prévu le")  # half-way
    reminded_at = models.DateTimeField("rappel envoyé le", null=True, blank=True)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answer = models.TextField("réponse", blank=True)
    # The last post that was recorded as an answer: received twice, it is one.
    answer_key = models.UUIDField("clé de l’envoi", null=True, blank=True, editable=False)
    closed_at = models.DateTimeField("close le", null=True, blank=True)

    objects = AskingQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de document"
        verbose_name_plural = "demandes de documents"
        ordering = ("asked_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(closed_at__isnull=True),
                name="asking_open_once",
                violation_error_message="Un document est déjà attendu pour cette demande.",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(closed_at__isnull=False),
                name="asking_answered_is_closed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["remind_at"],
                condition=Q(closed_at__isnull=True, reminded_at__isnull=True),
                name="asking_to_remind",
            ),
            models.Index(
                fields=["deadline_at"],
                condition=Q(closed_at__isnull=True),
                name="asking_open_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def is_unasked(self) -> bool:
        """Whether the person sent this without being asked: only then is there no message."""
        return not self.message

    @property
    def last_day(self) -> date:
        """The last day to answer, a Paris date, inclusive."""
        return last_day_before(self.deadline_at)

    @property
    def document_list(self) -> list[str]:
        return [line for line in self.documents.splitlines() if line]


class Upload(models.Model):
    """A file sent by the applicant, as an answer to an asking or with a message, or by an agent
    with a message; its bytes are in the data folder under the name `stored`.

    `stored` is random: it cannot be derived from the row's id or from the person's file name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="uploads")
    asking = models.ForeignKey(
        Asking, null=True, blank=True, on_delete=models.CASCADE, related_name="uploads"
    )
    message = models.ForeignKey(
        "registrations.RequestMessage",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="uploads",
    )
    stored = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField("nom du fichier", max_length=120)
    kind = models.CharField("format", max_length=4, choices=FileKind.choices)
    size = models.PositiveIntegerField("taille")  # bytes
    digest = models.CharField("empreinte", max_length=64)  # SHA-256
    pages = models.PositiveIntegerField("pages", default=1)
    # The file asks its reader to run, open or play something: a script, an embedded file.
    active = models.BooleanField("contenu actif", default=False)
    scan = models.CharField("antivirus", max_length=12, choices=ScanResult.choices)
    received_at = models.DateTimeField("reçu le")

    class Meta:
        verbose_name = "document reçu"
        verbose_name_plural = "documents reçus"
        ordering = ("received_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(asking__isnull=False, message__isnull=True)
                | Q(asking__isnull=True, message__isnull=False),
                name="upload_of_asking_or_message",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def by_staff(self) -> bool:
        return self.message is not None and self.message.by_staff
