"""What a person holds on a platform, and when they were last there."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.habilitations.enums import ChangeKind, Dashboard, EstablishmentKind, Role
from accounts.habilitations.reference.models import Branch, Department

# The name of an establishment whose last account was erased: a sole trader's is a person's.
FORGOTTEN_NAME = "Nom effacé"


class Establishment(models.Model):
    """Born at the first approval on any platform."""

    siret = models.CharField("SIRET", max_length=14)  # bare digits
    kind = models.CharField(
        "type d’établissement", max_length=20, choices=EstablishmentKind.choices
    )
    name = models.CharField("raison sociale", max_length=160)
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
    created_at = models.DateTimeField("créé le")

    class Meta:
        verbose_name = "établissement"
        verbose_name_plural = "établissements"
        ordering = ("name",)
        constraints = [
            # One SIRET may be a company and a CFA: the type is part of what it is.
            models.UniqueConstraint(
                fields=["siret", "kind"],
                name="establishment_once",
                violation_error_message="Cet établissement existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.siret})"

    @property
    def key(self) -> str:
        """In URLs: not a sequential id."""
        return f"{self.siret}-{self.kind}"


class EstablishmentWord(models.Model):
    """One word of an establishment's name: a row for each lets an ordinary index answer « begins
    with » for any of them.
    """

    establishment = models.ForeignKey(
        Establishment, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # the constraint's index serves it
    word = models.CharField("mot", max_length=40)

    class Meta:
        verbose_name = "mot de recherche"
        verbose_name_plural = "mots de recherche"
        constraints = [
            models.UniqueConstraint(
                fields=["establishment", "word"], name="establishment_word_once"
            ),
        ]
        indexes = [
            # The operator class serves « begins with » under any collation of PostgreSQL.
            models.Index(
                fields=["word", "establishment"],
                opclasses=["text_pattern_ops", "int8_ops"],
                name="establishment_word",
            ),
        ]

    def __str__(self) -> str:
        return self.word


class AccessQuerySet(models.QuerySet["Access"]):
    def open(self) -> "AccessQuerySet":
        return self.filter(ended_at__isnull=True)

    def ended(self) -> "AccessQuerySet":
        return self.filter(ended_at__isnull=False)

    def suspended(self) -> "AccessQuerySet":
        """Ended ones that may be given back."""
        return self.filter(suspended_at__isnull=False)

    def open_or_suspended(self) -> "AccessQuerySet":
        return self.filter(Q(ended_at__isnull=True) | Q(suspended_at__isnull=False))


class Access(models.Model):
    """A person's role on a platform for an establishment, from a date, until it is ended (R56,
    R59).
    """

    # What platforms know this access by, as long as it lasts and after it.
    public_id = models.UUIDField(
        "identifiant public", default=uuid.uuid4, unique=True, editable=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        on_delete=models.CASCADE,
        related_name="+",
    )
    platform = models.ForeignKey(
        "habilitations.Platform",
        verbose_name="plateforme",
        on_delete=models.PROTECT,
        related_name="accesses",
    )
    establishment = models.ForeignKey(
        "habilitations.Establishment",
        verbose_name="établissement",
        on_delete=models.PROTECT,
        related_name="accesses",
    )
    role = models.CharField("rôle", max_length=32, choices=Role.choices)
    dashboard = models.CharField(
        "tableau de bord", max_length=20, choices=Dashboard.choices, blank=True
    )
    granted_at = models.DateTimeField("accordé le")
    granted_by = models.UUIDField(
        "accordé par", null=True, blank=True
    )  # a reference, not a key: it outlives its agent
    grant_reason = models.CharField("motif", max_length=300, blank=True)
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    ended_by = models.UUIDField("terminé par", null=True, blank=True)
    # A suspended access is an ended one that remembers why: whoever reads open accesses
    # refuses it at once. Giving it back clears the three.
    suspended_at = models.DateTimeField("suspendu le", null=True, blank=True)
    suspended_by = models.UUIDField("suspendu par", null=True, blank=True)
    suspension_reason = models.TextField("motif de la suspension", blank=True)
    # The access that an agent moved here from another establishment.
    moved_from = models.OneToOneField(
        "self",
        verbose_name="déplacé depuis",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="moved_to",
    )

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name = "accès"
        verbose_name_plural = "accès"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "platform", "establishment"],
                condition=Q(ended_at__isnull=True),
                name="access_open_once",
                violation_error_message=(
                    "Cette personne a déjà un accès à cette plateforme pour cet établissement."
                ),
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="access_role_known"),
            models.UniqueConstraint(
                fields=["user", "platform", "establishment"],
                condition=Q(suspended_at__isnull=False),
                name="access_one_suspension",
                violation_error_message="Cet accès est déjà suspendu.",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True)
                | (Q(ended_at__isnull=False) & ~Q(suspension_reason="")),
                name="access_suspension_told",
                violation_error_message="Un accès suspendu est fermé, et dit pourquoi.",
            ),
        ]
        indexes = [models.Index(fields=["establishment", "role"], name="access_establishment")]

    def __str__(self) -> str:
        return f"{self.platform} – {self.get_role_display()}"


class PlatformActivity(models.Model):
    """Last activity of a person on a platform; only moves forward."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    platform = models.ForeignKey(
        "habilitations.Platform", on_delete=models.CASCADE, related_name="+"
    )
    last_at = models.DateTimeField("dernière activité")

    class Meta:
        verbose_name = "activité par plateforme"
        verbose_name_plural = "activités par plateforme"
        constraints = [models.UniqueConstraint(fields=["user", "platform"], name="activity_once")]

    def __str__(self) -> str:
        return f"{self.platform} {self.last_at:%Y-%m-%d}"


class AccessChange(models.Model):
    """One line of a platform's feed: who may do what there has changed (`changes.note`).

    People are UUIDs: a deletion is told after the person is gone. `number` follows the order of
    commits on its platform, without a gap, so that a reader who remembers the last one misses none.
    """

    platform = models.ForeignKey(
        "habilitations.Platform", on_delete=models.CASCADE, related_name="+"
    )
    number = models.PositiveBigIntegerField("numéro")
    kind = models.CharField("nature", max_length=12, choices=ChangeKind.choices)
    person = models.UUIDField("personne")
    access_id = models.BigIntegerField(null=True, blank=True)  # a reference that outlives its row
    # Which access, and what it was at that moment: a platform keeps rights by establishment, and
    # must know which of them ended. Emptied when the person is erased, but for the identifier.
    access_public_id = models.UUIDField("accès", null=True, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    establishment_kind = models.CharField("type d’établissement", max_length=20, blank=True)
    role = models.CharField("rôle", max_length=32, blank=True)
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "changement d’accès"
        verbose_name_plural = "changements d’accès"
        constraints = [
            models.UniqueConstraint(fields=["platform", "number"], name="access_change_number")
        ]
        indexes = [
            models.Index(fields=["at"], name="access_change_at"),
            # For an erasure, which empties them.
            models.Index(fields=["person"], condition=~Q(siret=""), name="access_change_told"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.number}"
