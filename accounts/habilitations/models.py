"""What one may open: platforms, roles, establishments, accesses; and the tables that route a
request.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.habilitations.accesses.models import Access as Access
from accounts.habilitations.accesses.models import PlatformActivity as PlatformActivity
from accounts.habilitations.api.models import AccessChange as AccessChange
from accounts.habilitations.api.models import ApiToken as ApiToken
from accounts.habilitations.enums import (
    Dashboard,
    EstablishmentKind,
    Principal,
    Role,
    StaffRole,
)
from accounts.habilitations.platforms.role_models import RoleText as RoleText


class Dga(models.Model):
    """A directorate that oversees branches. « DGA » is never spelled out for users (D7)."""

    code = models.CharField("code", max_length=20, unique=True)
    name = models.CharField("nom", max_length=120)
    email = models.EmailField("adresse générique")
    dashboard = models.CharField("tableau de bord", max_length=20, choices=Dashboard.choices)
    fallback = models.BooleanField(
        "reçoit les demandes sans branche",
        default=False,
        help_text="Celles des CFA et des organismes de formation. Une seule DGA les reçoit.",
    )

    class Meta:
        verbose_name = "DGA"
        verbose_name_plural = "DGA"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["fallback"],
                condition=Q(fallback=True),
                name="dga_one_fallback",
                violation_error_message="Une seule DGA reçoit les demandes sans branche.",
            )
        ]

    def __str__(self) -> str:
        return self.name


def short_name(name: str) -> str:
    """« Bretagne »: a list of délégations does without the words that all of them share."""
    return name.removeprefix("Délégation régionale ")


class Delegation(models.Model):
    """A regional office with its generic mailbox: it is told of requests, and handles them (D9)."""

    code = models.CharField("code", max_length=20, unique=True)
    name = models.CharField("nom", max_length=120)
    email = models.EmailField("adresse générique")
    phone = models.CharField("téléphone", max_length=20, blank=True)

    class Meta:
        verbose_name = "délégation"
        verbose_name_plural = "délégations"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A French département or overseas community. `delegation` empty: requests fall in the unrouted
    queue (R49).
    """

    code = models.CharField("code", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=80)
    region_name = models.CharField("région", max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(
        "ordre", help_text="Rang dans la liste\u00a0: 01 à 19, 2A, 2B, 21 à 95, 971 et suivants."
    )
    selectable = models.BooleanField("proposé dans le formulaire", default=True)
    in_territory = models.BooleanField("territoire agréé", default=True)
    delegation = models.ForeignKey(
        Delegation,
        verbose_name="délégation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="departments",
    )

    class Meta:
        verbose_name = "département"
        verbose_name_plural = "départements"
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.code} – {self.name}"


class Branch(models.Model):
    """A choice of « Branche »: it routes to a DGA and picks the dashboard (R35, R36)."""

    code = models.CharField("code", max_length=40, unique=True)
    label = models.CharField("libellé", max_length=160)
    dga = models.ForeignKey(
        Dga,
        verbose_name="DGA",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="branches",
    )
    dashboard = models.CharField("tableau de bord", max_length=20, choices=Dashboard.choices)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    selectable = models.BooleanField("proposée dans le formulaire", default=True)

    class Meta:
        verbose_name = "branche"
        verbose_name_plural = "branches"
        ordering = ("position", "label")

    def __str__(self) -> str:
        return self.label


class Profile(models.Model):
    """« Type de profil souhaité » and the role that it gives (R37, D5)."""

    code = models.CharField("code", max_length=20, unique=True)
    label = models.CharField("libellé", max_length=160)
    role = models.CharField("rôle octroyé", max_length=32, choices=Role.choices)
    kinds = models.JSONField("types d’établissement", default=list)
    default_for = models.JSONField("profil d’office pour", default=list, blank=True)
    proposed = models.BooleanField("proposé dans le formulaire M-Gestion", default=False)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "profil"
        verbose_name_plural = "profils"
        ordering = ("position", "label")

    def __str__(self) -> str:
        return self.label


class Platform(models.Model):
    """A platform that people reach through the connection space (R55, R84, D38)."""

    code = models.SlugField("code", max_length=40, unique=True)
    name = models.CharField("nom", max_length=80)
    description = models.CharField("description", max_length=300, blank=True)
    home_url = models.URLField("adresse", blank=True)
    counts_for_inactivity = models.BooleanField(
        "compte pour l’inactivité",
        default=True,
        help_text="Sans cette case, son activité ne compte que pour les personnes qui n’ont accès "
        "à aucune plateforme qui compte.",
    )
    enabled = models.BooleanField("ouverte", default=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    listed = models.BooleanField("affichée dans «\u00a0Mes services en ligne\u00a0»", default=True)
    tile_title = models.CharField("titre de la tuile", max_length=80, blank=True)
    entry_url = models.URLField(
        "adresse de service d’entrée",
        max_length=255,
        blank=True,
        help_text="L’adresse de la plateforme qui reçoit le ticket\u00a0: la tuile y mène par la "
        "connexion unique. Sans elle, la tuile mène à l’adresse de la plateforme.",
    )
    roles = models.JSONField("rôles connus", default=list, blank=True)  # codes of `Role`
    maintenance_message = models.CharField(
        "message de maintenance",
        max_length=300,
        blank=True,
        help_text="Tant qu’il est rempli, il est affiché et personne n’entre sur la plateforme.",
    )
    contact_email = models.EmailField("contact technique", blank=True)
    # How it speaks CAS (`cas.md`).
    principal = models.CharField(
        "identifiant transmis",
        max_length=5,
        choices=Principal.choices,
        default=Principal.ID,
        help_text="L’adresse e-mail change et peut être reprise par une autre personne\u00a0: "
        "à réserver à une plateforme qui ne sait pas faire autrement.",
    )
    attributes = models.JSONField("attributs transmis", default=list, blank=True)
    attributes_on_v2 = models.BooleanField(
        "attributs aussi en CAS 2.0",
        default=False,
        help_text="Pour les clients anciens qui les attendent de /serviceValidate.",
    )
    ticket_seconds = models.PositiveSmallIntegerField(
        "durée d’un ticket (secondes)",
        default=60,
        validators=[MinValueValidator(10), MaxValueValidator(300)],
    )
    single_logout = models.BooleanField("déconnexion unique", default=True)
    slo_url = models.URLField(
        "adresse de déconnexion unique",
        max_length=255,
        blank=True,
        help_text="Sans elle, l’adresse de service du ticket.",
    )
    idle_logout = models.BooleanField(
        "déconnecter aussi après deux heures sans activité sur le portail",
        default=False,
        help_text="Sans cette case, la personne reste sur la plateforme jusqu’à la durée maximale "
        "de sa session, dix heures\u00a0: le portail ne voit pas le travail fait là-bas. À cocher "
        "pour une plateforme qui ne ferme pas elle-même les sessions inactives.",
    )
    may_proxy = models.BooleanField(
        "peut demander en mandataire",
        default=False,
        help_text="Son serveur peut alors entrer sur une autre plateforme au nom de la personne "
        "connectée, là où cette personne a un accès. À n’ouvrir qu’à une plateforme qui en a "
        "besoin et dont vous connaissez l’exploitant.",
    )
    proxy_callbacks = models.JSONField(
        "adresses de rappel du mandataire",
        default=list,
        blank=True,
        help_text="Une adresse https par ligne, sans paramètre\u00a0: celles où la plateforme "
        "reçoit le secret qui lui permet d’agir (pgtUrl). L’adresse est comparée exactement.",
    )
    # How it speaks to the API.
    api_enabled = models.BooleanField("API ouverte", default=False)
    # When a call last told the activity of somebody known there (D53). An entry by CAS is not one.
    activity_pushed_at = models.DateTimeField(
        "dernière activité transmise", null=True, blank=True, editable=False
    )
    # When it last told some for the first time, or again after LIFECYCLE_SILENCE without any.
    activity_heard_again_at = models.DateTimeField(
        "activité transmise de nouveau", null=True, blank=True, editable=False
    )
    change_number = models.PositiveBigIntegerField(default=0, editable=False)  # last of its feed

    class Meta:
        verbose_name = "plateforme"
        verbose_name_plural = "plateformes"
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class ServiceRule(models.Model):
    """A service address that a platform may be entered by: exact origin, path by segments (`cas.md`
    S3).
    """

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="service_rules")
    origin = models.CharField(
        "origine",
        max_length=255,
        help_text="https://hôte[:port], comparée exactement ; « self » : ce portail.",
    )
    path = models.CharField(
        "chemin", max_length=255, default="/", help_text="Préfixe, à une limite de segment."
    )

    class Meta:
        verbose_name = "adresse de service"
        verbose_name_plural = "adresses de service"
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "path"],
                name="service_rule_once",
                violation_error_message=(
                    "Cette adresse de service appartient déjà à une plateforme."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"


# The name of an establishment whose last account was erased: a sole trader's is a person's.
FORGOTTEN_NAME = "Nom effacé"


class Establishment(models.Model):
    """Born at the first approval (D55)."""

    siret = models.CharField("SIRET", max_length=14)  # bare digits (S48)
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
            # One SIRET may be a company and a CFA: the type is part of what it is (S51).
            models.UniqueConstraint(
                fields=["siret", "kind"],
                name="establishment_once",
                violation_error_message="Cet établissement existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.siret})"


class StaffMember(models.Model):
    """An OPCO agent: one role, and the délégations and DGAs whose requests he sees (D9, S22).

    The national administrator and the auditor see everything; a reviewer without scope sees
    nothing.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        on_delete=models.CASCADE,
        related_name="+",
    )
    role = models.CharField("rôle", max_length=12, choices=StaffRole.choices)
    delegations = models.ManyToManyField(
        Delegation, verbose_name="délégations", blank=True, related_name="+"
    )
    dgas = models.ManyToManyField(Dga, verbose_name="DGA", blank=True, related_name="+")

    class Meta:
        verbose_name = "agent"
        verbose_name_plural = "agents"

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"
