"""The enrolment request and its history."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import StrIndex, Substr

from accounts.habilitations.enums import Dashboard, EstablishmentKind, Role
from accounts.habilitations.models import (
    Access,
    Branch,
    Delegation,
    Department,
    Dga,
    Establishment,
    Profile,
)
from registrations.enums import OPEN_STATUSES, Act, FileKind, RequestStatus, Scan
from registrations.models_review import AccessReview as AccessReview
from registrations.models_review import ReviewAnswer as ReviewAnswer


class RefusalReason(models.Model):
    """Why a request is refused; the text is the proposal that the reviewer edits (D11)."""

    code = models.SlugField("code", max_length=40, unique=True)
    label = models.CharField("libellé", max_length=120)
    text = models.TextField("texte proposé")
    may_resubmit = models.BooleanField("la personne peut corriger et renvoyer", default=True)
    enabled = models.BooleanField("proposé", default=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "motif de refus"
        verbose_name_plural = "motifs de refus"
        ordering = ("position", "label")

    def __str__(self) -> str:
        return self.label


class Request(models.Model):
    """A person's request to be enrolled on M-Gestion for an establishment.

    All times are aware, stored in UTC. `due_at` is the submission plus the running clock (D10);
    a correction keeps it (D54).
    `version` grows with each change, so that a decision page opened before one is stale.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(
        "référence", max_length=20, unique=True
    )  # MG-XXXX-XXXX, not guessable (S14)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The form's answers (D1–D4)
    last_name = models.CharField("nom", max_length=100)
    first_name = models.CharField("prénom", max_length=100)
    phone = models.CharField("téléphone", max_length=20)
    company_name = models.CharField("raison sociale", max_length=160)
    siret = models.CharField("SIRET", max_length=14)
    kind = models.CharField(
        "type d’établissement", max_length=20, choices=EstablishmentKind.choices
    )
    department = models.ForeignKey(
        Department, verbose_name="département", on_delete=models.PROTECT, related_name="+"
    )
    branch = models.ForeignKey(
        Branch,
        verbose_name="branche",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    profile = models.ForeignKey(
        Profile,
        verbose_name="profil souhaité",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    declared_at = models.DateTimeField("déclaration faite le")  # switch 2 (R108, R112)
    # Where it goes
    delegation = models.ForeignKey(
        Delegation,
        verbose_name="délégation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    dga = models.ForeignKey(
        Dga, verbose_name="DGA", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    dashboard = models.CharField(
        "tableau de bord", max_length=20, choices=Dashboard.choices, blank=True
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="instructeur",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Where it stands
    status = models.CharField(
        "statut", max_length=20, choices=RequestStatus.choices, default=RequestStatus.SUBMITTED
    )
    submitted_at = models.DateTimeField("reçue le")
    due_at = models.DateTimeField("échéance")
    paused_at = models.DateTimeField("en pause depuis", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(
        "jeton du formulaire", null=True, blank=True
    )  # the same form posted twice is one row
    # How it ended
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.UUIDField("décidée par", null=True, blank=True)
    granted_role = models.CharField("rôle accordé", max_length=32, choices=Role.choices, blank=True)
    refusal_reason = models.ForeignKey(
        RefusalReason,
        verbose_name="motif",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decision_text = models.TextField("texte de la décision", blank=True)
    may_resubmit = models.BooleanField("peut être renvoyée", default=True)
    establishment = models.ForeignKey(
        Establishment,
        verbose_name="établissement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    resubmission_of = models.ForeignKey(
        "self",
        verbose_name="fait suite à",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # What the approval replaced, so that a re-opening gives it back
    previous_role = models.CharField(max_length=32, choices=Role.choices, blank=True)
    previous_dashboard = models.CharField(max_length=20, choices=Dashboard.choices, blank=True)
    # Search keys, normalised in code so that no database extension is needed
    email_key = models.CharField(max_length=254, editable=False)
    name_key = models.CharField(max_length=220, editable=False)
    # Computed by the database: what the desk compares requests of one organisation by.
    email_domain = models.GeneratedField(
        expression=Substr("email_key", StrIndex("email_key", Value("@")) + 1),
        output_field=models.CharField(max_length=254),
        db_persist=True,
    )
    # Codes of `registrations.signals` between commas, written with the answers that raise them
    signals = models.CharField(max_length=60, blank=True, editable=False)

    class Meta:
        verbose_name = "demande d’inscription"
        verbose_name_plural = "demandes d’inscription"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "siret"],
                condition=Q(status__in=OPEN_STATUSES),
                name="request_open_once",
                violation_error_message=(
                    "Vous avez déjà une demande en cours pour cet établissement."
                ),
            ),
            models.UniqueConstraint(
                fields=["user", "form_token"],
                condition=Q(form_token__isnull=False),
                name="request_form_once",
                violation_error_message="Cette demande est déjà enregistrée.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RequestStatus.values), name="request_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind=EstablishmentKind.CABINET_COMPTABLE),
                name="request_no_accounting_firm",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=EstablishmentKind.ENTREPRISE, branch__isnull=False, profile__isnull=False
                )
                | Q(kind__in=(EstablishmentKind.CFA, EstablishmentKind.OF), branch__isnull=True),
                name="request_company_fields",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=(*OPEN_STATUSES, RequestStatus.CANCELLED), decided_at__isnull=True
                )
                | Q(
                    status__in=(RequestStatus.APPROVED, RequestStatus.REFUSED),
                    decided_at__isnull=False,
                ),
                name="request_decided_iff_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status__in=OPEN_STATUSES), name="request_open_due"
            ),
            models.Index(
                fields=["delegation", "due_at"],
                condition=Q(status__in=OPEN_STATUSES),
                name="request_open_delegation",
            ),
            models.Index(
                fields=["dga", "due_at"],
                condition=Q(status__in=OPEN_STATUSES),
                name="request_open_dga",
            ),
            models.Index(fields=["user", "-submitted_at"], name="request_by_user"),
            models.Index(fields=["siret"], name="request_siret"),
            models.Index(fields=["email_key"], name="request_email"),
            # The operator class serves « begins with » under any collation of PostgreSQL.
            models.Index(fields=["name_key"], name="request_name", opclasses=["text_pattern_ops"]),
            models.Index(fields=["email_domain"], name="request_domain"),
            models.Index(fields=["phone"], name="request_phone"),
            models.Index(fields=["-submitted_at"], name="request_recent"),
            # The queue beyond what is open: each scope and status has its order at hand.
            models.Index(fields=["status", "-submitted_at"], name="request_status_recent"),
            models.Index(fields=["delegation", "-submitted_at"], name="request_delegation_recent"),
            models.Index(
                fields=["delegation", "status", "-submitted_at"], name="request_delegation_status"
            ),
            models.Index(fields=["dga", "-submitted_at"], name="request_dga_recent"),
            # The figures of the desk's home are read from the index alone.
            models.Index(
                fields=["decided_at"],
                include=["status", "delegation", "dga", "due_at", "refusal_reason"],
                condition=Q(decided_at__isnull=False),
                name="request_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class RequestEvent(models.Model):
    """One line of a request's history; never changed afterwards."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField("le")
    act = models.CharField("acte", max_length=20, choices=Act.choices)
    actor = models.UUIDField("par", null=True, blank=True)  # empty: the portal itself
    by_staff = models.BooleanField("par un agent", default=False)
    text = models.TextField("texte", blank=True)  # what the applicant may read
    internal_note = models.TextField("note interne", blank=True)  # staff only (D64)

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "événements"
        ordering = ("at", "id")
        indexes = [models.Index(fields=["request", "at"], name="request_event_order")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} – {self.at:%Y-%m-%d %H:%M}"


class Asking(models.Model):
    """What the desk asks of the applicant, documents or an answer, and until when (R109, D45).

    `deadline_at` is 24:00 in Paris of the last day. `closed_at`: answered, withdrawn, or the
    request ended without it.
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
    closed_at = models.DateTimeField("close le", null=True, blank=True)

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
    def document_list(self) -> list[str]:
        return [line for line in self.documents.splitlines() if line]


class Upload(models.Model):
    """A file of the applicant: a row, and the bytes under `stored` in the data folder.

    `stored` is random: neither the row's id nor what the person called the file leads to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="uploads")
    asking = models.ForeignKey(Asking, on_delete=models.CASCADE, related_name="uploads")
    stored = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField("nom du fichier", max_length=120)
    kind = models.CharField("format", max_length=4, choices=FileKind.choices)
    size = models.PositiveIntegerField("taille")  # bytes
    digest = models.CharField("empreinte", max_length=64)  # SHA-256
    scan = models.CharField("antivirus", max_length=12, choices=Scan.choices)
    received_at = models.DateTimeField("reçu le")

    class Meta:
        verbose_name = "document reçu"
        verbose_name_plural = "documents reçus"
        ordering = ("received_at", "id")

    def __str__(self) -> str:
        return self.name


class AccessSuspension(models.Model):
    """An access that the desk suspended, on its platform only (R110).

    The access is ended, so that every reader of accesses refuses it at once; lifting the suspension
    grants it anew. `reason` is what the person was told.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="suspensions")
    access = models.ForeignKey(
        Access, verbose_name="accès", on_delete=models.CASCADE, related_name="+"
    )
    reason = models.TextField("motif")
    suspended_at = models.DateTimeField("suspendu le")
    suspended_by = models.UUIDField("suspendu par", null=True, blank=True)
    lifted_at = models.DateTimeField("levé le", null=True, blank=True)
    lifted_by = models.UUIDField("levé par", null=True, blank=True)

    class Meta:
        verbose_name = "suspension d’accès"
        verbose_name_plural = "suspensions d’accès"
        ordering = ("suspended_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(lifted_at__isnull=True),
                name="access_suspended_once",
                violation_error_message="Cet accès est déjà suspendu.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.access} {self.suspended_at:%Y-%m-%d}"


class Presence(models.Model):
    """An agent has a request on his screen; a row older than a minute says nothing any more."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "présence"
        verbose_name_plural = "présences"
        constraints = [models.UniqueConstraint(fields=["request", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.seen_at:%H:%M:%S}"
