"""Versions of the terms, and who accepted which."""

import hashlib
import uuid
from typing import Any

from django.conf import settings
from django.db import models

from accounts.habilitations.platforms.models import Platform
from accounts.legal.terms.documents import LegalDocument
from accounts.legal.terms.querysets import TermsVersionQuerySet
from mgestion.errors import Refused


def name_document(platform: Platform | None) -> LegalDocument:
    return LegalDocument(platform.code, platform.name) if platform else LegalDocument()


class TermsVersion(models.Model):
    """A version of the CGU, or of a platform's specific conditions, in force from `effective_at`.

    Immutable from its publication on: the verbs refuse, and so does the database (a trigger).
    """

    platform = models.ForeignKey(
        Platform,
        verbose_name="document",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Les conditions générales valent partout\u202f; des conditions spécifiques, sur "
        "leur seule plateforme.",
    )
    # Unique over all documents: mails and journal entries name a version by it alone.
    slug = models.SlugField("identifiant", max_length=40, unique=True)
    label = models.CharField(
        "intitulé", max_length=80, help_text="«\u00a0Version Février 2025\u00a0»"
    )
    body = models.TextField("texte")  # HTML that `markup.list_markup_faults` allows
    demonstration = models.BooleanField("texte de démonstration", default=False)
    requires_acceptance = models.BooleanField("acceptation demandée", default=True)
    published_at = models.DateTimeField("publiée le", null=True, blank=True)
    effective_at = models.DateTimeField("en vigueur à partir du", null=True, blank=True)

    objects = TermsVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version des conditions"
        verbose_name_plural = "versions des conditions"
        ordering = ("-effective_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True)
                | models.Q(effective_at__isnull=False),
                name="terms_published_has_date",
                violation_error_message="Une version publiée a une date d’effet.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform.name} – {self.label}" if self.platform else self.label

    def get_absolute_url(self) -> str:
        return self.document.get_version_url(self.slug)

    @property
    def document(self) -> LegalDocument:
        return name_document(self.platform)

    @property
    def difference_url(self) -> str:
        """What it changes in the version before it."""
        return self.document.get_difference_url(self.slug)

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuses for a published version: it is archived."""
        if self.published_at is not None:
            raise Refused("terms.published", "Une version publiée est archivée, jamais supprimée.")
        return super().delete(*args, **kwargs)


class TermsAcceptance(models.Model):
    """The proof that a person accepted a version, when and where."""

    class Where(models.TextChoices):
        SIGN_UP = "sign_up", "création du mot de passe"
        REQUEST = "request", "demande d’accès"
        GATE = "gate", "page d’acceptation"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="+")
    where = models.CharField("où", max_length=12, choices=Where.choices)
    accepted_at = models.DateTimeField("acceptée le")
    # SHA-256 of the text that was accepted: it proves that the archived version is the same.
    digest = models.CharField("empreinte du texte (SHA-256)", max_length=64)

    class Meta:
        verbose_name = "acceptation des conditions"
        verbose_name_plural = "acceptations des conditions"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "version", "where"], name="terms_accepted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, le {self.accepted_at:%d/%m/%Y}"


class TermsNotice(models.Model):
    """How far the mails that announce a version have come: everybody up to `last_user` is told."""

    version = models.OneToOneField(TermsVersion, on_delete=models.PROTECT, related_name="+")
    last_user = models.PositiveBigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "annonce des conditions"
        verbose_name_plural = "annonces des conditions"

    def __str__(self) -> str:
        return f"{self.version} ({self.told})"


class TermsWithdrawal(models.Model):
    """A version that was published for a day to come and taken back before it: a published row
    never changes, so this one says it. `last_user`, `told`, `finished_at`: how far the mails to
    those who had been told have come.
    """

    version = models.OneToOneField(
        TermsVersion, on_delete=models.PROTECT, related_name="withdrawal"
    )
    withdrawn_at = models.DateTimeField("retirée le")
    withdrawn_by = models.UUIDField("par", null=True, blank=True)
    reason = models.CharField("motif", max_length=300)
    last_user = models.PositiveBigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "retrait d’une version des conditions"
        verbose_name_plural = "retraits de versions des conditions"

    def __str__(self) -> str:
        return f"{self.version} ({self.withdrawn_at:%d/%m/%Y})"


class TermsRequest(models.Model):
    """Somebody asked for a version that the archive page does not hold."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("adresse e-mail", max_length=254)
    email_key = models.CharField(max_length=254, db_index=True)
    platform = models.ForeignKey(
        Platform,
        verbose_name="conditions spécifiques de",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked = models.CharField("version demandée", max_length=200)
    created_at = models.DateTimeField("reçue le")
    version = models.ForeignKey(
        TermsVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="version envoyée",
    )
    answer = models.TextField("réponse", blank=True)
    answered_at = models.DateTimeField("réponse envoyée le", null=True, blank=True)
    answered_by = models.UUIDField("par", null=True, blank=True)

    class Meta:
        verbose_name = "demande de version des conditions"
        verbose_name_plural = "demandes de version des conditions"
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True)
                | models.Q(version__isnull=False)
                | ~models.Q(answer=""),
                name="terms_answer_says_something",
                violation_error_message="Une réponse envoie une version ou un texte.",
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="terms_request_age")]

    def __str__(self) -> str:
        return self.asked

    @property
    def document(self) -> LegalDocument:
        return name_document(self.platform)
