"""Platforms, the addresses that belong to them, and the words of their roles."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.habilitations.enums import EstablishmentKind, Principal, Role, WayIn


class Platform(models.Model):
    """A platform that people reach through the connection space."""

    code = models.SlugField("code", max_length=40, unique=True)
    name = models.CharField("nom", max_length=80)
    description = models.CharField("description", max_length=300, blank=True)
    home_url = models.URLField("adresse", blank=True)
    signup_url = models.URLField(
        "adresse d’inscription",
        blank=True,
        help_text="Pour une plateforme qui inscrit les personnes sur son propre site.",
    )
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
    # When a call last told the activity of somebody known there. An entry by CAS is not one.
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

    def list_roles(self) -> list[Role]:
        """The roles that may be held here; a platform that names none takes all of them."""
        return [role for role in Role if role in self.roles] or list(Role)


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


class AdmissionRule(models.Model):
    """A profile that a type of establishment may have on a platform, and the role that it gives.

    A platform can be asked for online by the types that have a rule of `form` or `default`.
    """

    platform = models.ForeignKey(
        Platform,
        verbose_name="plateforme",
        on_delete=models.CASCADE,
        related_name="admission_rules",
    )
    kind = models.CharField(
        "type d’établissement", max_length=20, choices=EstablishmentKind.choices
    )
    profile = models.ForeignKey(
        "habilitations.Profile",
        verbose_name="profil",
        on_delete=models.PROTECT,
        related_name="admission_rules",
    )
    role = models.CharField("rôle octroyé", max_length=32, choices=Role.choices)
    way_in = models.CharField(
        "voie d’accès", max_length=12, choices=WayIn.choices, default=WayIn.FORM
    )
    administrator_decides = models.BooleanField(
        "l’administrateur de l’établissement décide",
        default=False,
        help_text="L’accès s’ouvre dès que la personne qu’il invite accepte, sans étude par la "
        "délégation, qui est prévenue. Jamais pour un rôle d’administrateur.",
    )
    administrator_changes = models.BooleanField(
        "l’administrateur de l’établissement change ce rôle",
        default=False,
        help_text="Il peut donner et retirer ce rôle à un collègue qui a déjà un accès à cette "
        "plateforme. Jamais pour un rôle d’administrateur.",
    )

    class Meta:
        verbose_name = "règle d’admission"
        verbose_name_plural = "règles d’admission"
        ordering = ("platform__position", "kind", "profile__position")
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "kind", "profile"],
                name="admission_rule_once",
                violation_error_message="Ce profil a déjà une règle pour ce type d’établissement.",
            ),
            models.UniqueConstraint(
                fields=["platform", "kind"],
                condition=Q(way_in=WayIn.DEFAULT),
                name="admission_one_default",
                violation_error_message="Ce type d’établissement a déjà un profil d’office sur "
                "cette plateforme.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values)
                & Q(kind__in=EstablishmentKind.values)
                & Q(way_in__in=WayIn.values),
                name="admission_rule_known",
            ),
            models.CheckConstraint(
                condition=Q(administrator_decides=False, administrator_changes=False)
                | ~Q(role__in=[role.value for role in Role if role.is_administrator]),
                name="admission_administrator_not_delegated",
                violation_error_message="Un rôle d’administrateur est toujours accordé par un "
                "agent.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} – {self.get_kind_display()} – {self.profile}"


class RoleText(models.Model):
    """What a role is for (no platform), or what it may do on one platform.

    Where a platform says nothing of a role that it knows, the general text stands.
    """

    platform = models.ForeignKey(
        "habilitations.Platform",
        verbose_name="plateforme",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="role_texts",
        help_text="Vide\u00a0: le texte général du rôle, pour toutes les plateformes.",
    )
    role = models.CharField("rôle", max_length=32, choices=Role.choices)
    text = models.TextField(
        "ce que ce rôle permet",
        max_length=2000,
        help_text="Une ligne par droit, en phrases simples. Affiché à tout le monde.",
    )

    class Meta:
        verbose_name = "texte d’un rôle"
        verbose_name_plural = "textes des rôles"
        ordering = ("platform__position", "role")
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "role"],
                name="role_text_once",
                violation_error_message="Ce rôle a déjà un texte pour cette plateforme.",
            ),
            models.UniqueConstraint(
                fields=["role"],
                condition=Q(platform__isnull=True),
                name="role_text_default_once",
                violation_error_message="Ce rôle a déjà un texte général.",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_text_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.platform or 'Toutes les plateformes'} – {self.get_role_display()}"

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]
