"""The enrolment request, its history, and the refusal reasons."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import StrIndex, Substr

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.enums import Dashboard, EstablishmentKind, Role
from accounts.habilitations.reference.models import Branch, Delegation, Department, Dga, Profile
from registrations.requests.enums import OPEN_STATUSES, RequestAct, RequestOrigin, RequestStatus


class RefusalReason(models.Model):
    """A reason to refuse a request; `text` is the proposal that the reviewer edits. With an
    empty `text`, the reviewer must write the explanation.
    """

    code = models.SlugField("code", max_length=40, unique=True)
    label = models.CharField("libellé", max_length=120)
    text = models.TextField(
        "texte proposé",
        blank=True,
        help_text="Laissé vide\u00a0: l’agent doit écrire lui-même l’explication.",
    )
    may_resubmit = models.BooleanField("la personne peut corriger et renvoyer", default=True)
    enabled = models.BooleanField("proposé", default=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "motif de refus"
        verbose_name_plural = "motifs de refus"
        ordering = ("position", "label")

    def __str__(self) -> str:
        return self.label


class RequestQuerySet(models.QuerySet["Request"]):
    def open(self) -> "RequestQuerySet":
        return self.filter(status__in=OPEN_STATUSES)

    def decided_by_desk(self) -> "RequestQuerySet":
        """Neither the file of an access, nor what an administrator of an establishment decided for
        whom they invited. Most requests have no invitation: « not equal » alone would lose them.
        """
        invited_by = "invitation__invited_by"
        return self.filter(
            Q(**{f"{invited_by}__isnull": True})
            | Q(decided_by__isnull=True)
            | ~Q(decided_by=F(f"{invited_by}__public_id")),
            decided_at__isnull=False,
        ).exclude(origin=RequestOrigin.STAFF)


class Request(models.Model):
    """A person's request to be enrolled on a platform for an establishment.

    `dashboard` is filled for M-Gestion only, which asks a company for its branch and its profile.

    All times are aware, stored in UTC. `due_at` is the submission plus 48 hours and the pauses; a
    correction keeps it. `version` grows with each change, so that a decision page opened before the
    change is refused as stale.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(
        "référence", max_length=20, unique=True
    )  # MG-XXXX-XXXX, not guessable
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    platform = models.ForeignKey(
        "habilitations.Platform",
        verbose_name="plateforme",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # `request_platform_recent` begins with it
    )
    origin = models.CharField(
        "origine", max_length=10, choices=RequestOrigin.choices, default=RequestOrigin.FORM
    )
    # What shows that an administrator of the establishment asked this person to come (D69).
    invitation = models.ForeignKey(
        "registrations.Invitation",
        verbose_name="invitation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # The answers of the form
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
    # What the profile gave on that platform on the day of the answers (`AdmissionRule`).
    asked_role = models.CharField("rôle demandé", max_length=32, choices=Role.choices)
    # Where the person was going when the platform refused them: they go on there once accepted.
    service = models.URLField("adresse de retour", max_length=500, blank=True)
    # The form's second switch; nothing was declared for the file of an access (`origin` staff).
    declared_at = models.DateTimeField("déclaration faite le", null=True, blank=True)
    # Routing
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
    # State
    status = models.CharField(
        "statut", max_length=20, choices=RequestStatus.choices, default=RequestStatus.SUBMITTED
    )
    submitted_at = models.DateTimeField("reçue le")
    due_at = models.DateTimeField("échéance")
    paused_at = models.DateTimeField("en pause depuis", null=True, blank=True)
    # Since when something of the other side waits, for an agent and for the applicant, while the
    # request is open (`review_rules.compute_unread`).
    desk_unread_since = models.DateTimeField("réponse reçue le", null=True, blank=True)
    person_unread_since = models.DateTimeField("message non lu depuis", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(
        "jeton du formulaire", null=True, blank=True
    )  # the same form posted twice is one row
    # Decision
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
    # The access that the approval replaced: reopening the request restores it
    previous_role = models.CharField(max_length=32, choices=Role.choices, blank=True)
    previous_dashboard = models.CharField(max_length=20, choices=Dashboard.choices, blank=True)
    # Search keys, normalised in Python so that no database extension is needed
    email_key = models.CharField(max_length=254, editable=False)
    name_key = models.CharField(max_length=220, editable=False)
    # Computed by the database, to find the other requests of the same organisation.
    email_domain = models.GeneratedField(
        expression=Substr("email_key", StrIndex("email_key", Value("@")) + 1),
        output_field=models.CharField(max_length=254),
        db_persist=True,
    )
    # Codes of `review_hints.ReviewHint` between commas, computed when the answers are saved.
    signals = models.CharField(max_length=60, blank=True, editable=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’accès"
        verbose_name_plural = "demandes d’accès"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "platform", "siret"],
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
            # M-Gestion takes no accounting or HR firm; a company says its branch there.
            models.CheckConstraint(
                condition=Q(dashboard="", branch__isnull=True)
                | ~Q(dashboard="")
                & (
                    Q(
                        kind=EstablishmentKind.ENTREPRISE,
                        branch__isnull=False,
                        profile__isnull=False,
                    )
                    | Q(kind__in=(EstablishmentKind.CFA, EstablishmentKind.OF), branch__isnull=True)
                ),
                name="request_answers_of_platform",
            ),
            models.CheckConstraint(
                condition=Q(origin=RequestOrigin.STAFF) | Q(declared_at__isnull=False),
                name="request_declared",
            ),
            models.CheckConstraint(
                condition=Q(asked_role__in=Role.values) & Q(origin__in=RequestOrigin.values),
                name="request_origin_known",
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
            # Open requests in the order of the queue: « submitted » before « awaiting_document »,
            # on which nothing is to do until the answer comes.
            models.Index(
                fields=["-status", "due_at"],
                condition=Q(status__in=OPEN_STATUSES),
                name="request_open_due",
            ),
            models.Index(
                fields=["delegation", "-status", "due_at"],
                condition=Q(status__in=OPEN_STATUSES),
                name="request_open_delegation",
            ),
            models.Index(
                fields=["dga", "-status", "due_at"],
                condition=Q(status__in=OPEN_STATUSES),
                name="request_open_dga",
            ),
            # Open requests by age, without reading the closed ones.
            models.Index(
                fields=["submitted_at"],
                condition=Q(status__in=OPEN_STATUSES),
                name="request_open_age",
            ),
            models.Index(fields=["user", "-submitted_at"], name="request_by_user"),
            models.Index(fields=["siret"], name="request_siret"),
            models.Index(fields=["email_key"], name="request_email"),
            # The operator class serves « begins with » under any collation of PostgreSQL.
            models.Index(fields=["name_key"], name="request_name", opclasses=["text_pattern_ops"]),
            models.Index(fields=["email_domain"], name="request_domain"),
            models.Index(fields=["phone"], name="request_phone"),
            models.Index(fields=["-submitted_at"], name="request_recent"),
            # The queue with closed requests: one index per scope and status, in its order.
            models.Index(fields=["status", "-submitted_at"], name="request_status_recent"),
            models.Index(fields=["delegation", "-submitted_at"], name="request_delegation_recent"),
            models.Index(
                fields=["delegation", "status", "-submitted_at"], name="request_delegation_status"
            ),
            models.Index(fields=["dga", "-submitted_at"], name="request_dga_recent"),
            models.Index(fields=["platform", "-submitted_at"], name="request_platform_recent"),
            # Allows an index-only scan for the figures of the admin's home page.
            models.Index(
                fields=["decided_at"],
                include=[
                    "status",
                    "delegation",
                    "dga",
                    "due_at",
                    "refusal_reason",
                    "origin",
                    "platform",
                ],
                condition=Q(decided_at__isnull=False),
                name="request_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def save_as_new_version(self, *fields: str) -> None:
        """Save `fields`, and make the decision pages stale that were opened before."""
        self.version += 1
        self.save(update_fields=[*fields, "version"])

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class RequestEvent(models.Model):
    """One line of a request's history; append-only."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField("le")
    act = models.CharField("acte", max_length=20, choices=RequestAct.choices)
    actor = models.UUIDField("par", null=True, blank=True)  # empty: the system
    by_staff = models.BooleanField("par un agent", default=False)
    text = models.TextField("texte", blank=True)  # what the applicant may read
    internal_note = models.TextField("note interne", blank=True)  # shown to staff only

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "événements"
        ordering = ("at", "id")
        indexes = [models.Index(fields=["request", "at"], name="request_event_order")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} – {self.at:%Y-%m-%d %H:%M}"
