"""Accounts, allowed addresses, the block list, and search words."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac

from accounts.people.addresses import fold_address
from accounts.people.enums import Status
from accounts.people.querysets import UserManager


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `status` is changed by the verbs of `accounts.people.account_states` only.

    All times are aware, stored in UTC. `public_id` is what the outside and the toolbox's rows know
    a person by: permanent, opaque, never reused.
    """

    public_id = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("adresse e-mail", max_length=254)  # as typed: mail goes there
    email_key = models.CharField("adresse repliée", max_length=254, unique=True, editable=False)
    last_name = models.CharField("nom", max_length=100, blank=True)
    first_name = models.CharField("prénom", max_length=100, blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)  # E.164
    status = models.CharField(
        "statut", max_length=24, choices=Status.choices, default=Status.PENDING
    )
    status_since = models.DateTimeField("statut depuis")
    revivable_until = models.DateTimeField(
        "réactivable jusqu’à", null=True, blank=True
    )  # empty: not bound yet
    clock_from = models.DateTimeField("horloge d’inactivité depuis")  # D52
    # `account_states.note_login` writes `last_login_at` together with the activity. Without this
    # field Django does not add a statement for `last_login`.
    last_login = None
    last_login_at = models.DateTimeField("dernière connexion", null=True, blank=True)
    last_activity_at = models.DateTimeField("dernière activité", null=True, blank=True)
    session_epoch = models.PositiveIntegerField("époque des sessions", default=0)
    is_staff = models.BooleanField("agent OPCO", default=False)
    created_at = models.DateTimeField("créé le")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values),
                name="user_status_known",
                violation_error_message="Statut inconnu.",
            ),
        ]
        indexes = [
            models.Index(fields=["last_name", "first_name"], name="user_name"),
            models.Index(
                fields=["created_at"], condition=models.Q(status="pending"), name="user_pending_age"
            ),
            # The lifecycle's sweeps: who has been away longest, who is on the way out.
            models.Index(
                fields=["clock_from"], condition=models.Q(status="active"), name="user_idle"
            ),
            models.Index(
                fields=["clock_from"],
                condition=models.Q(status="active", is_staff=True),
                name="user_idle_staff",
            ),
            models.Index(
                fields=["status", "status_since"],
                condition=~models.Q(status__in=("active", "pending")),
                name="user_leaving",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        super().clean()
        self.email_key = fold_address(self.email)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # a fact read from `status`, not a column of its own
        """Whether an open session of this person is honoured (Django's word for it)."""
        return self.status == Status.ACTIVE

    def get_session_auth_hash(self) -> str:
        """Ends every session when the password or the epoch changes."""
        return self._auth_hash(None)

    def get_session_auth_fallback_hash(self):  # type: ignore[no-untyped-def]  # Django's own signature
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._auth_hash(secret)

    def _auth_hash(self, secret: str | bytes | None) -> str:
        return salted_hmac(
            "accounts.session",
            f"{self.password}:{self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class AllowedAddress(models.Model):
    """An address or a domain that the rules would refuse and that staff let through."""

    pattern = models.CharField(
        "adresse ou domaine",
        max_length=254,
        unique=True,
        help_text="Une adresse entière (contact@exemple.example.org) ou un domaine "
        "(@exemple.example.org).",
    )
    reason = models.CharField("motif", max_length=200)
    added_by = models.UUIDField("ajoutée par", null=True, blank=True, editable=False)
    added_at = models.DateTimeField("ajoutée le")

    class Meta:
        verbose_name = "adresse autorisée"
        verbose_name_plural = "adresses autorisées"
        ordering = ("pattern",)

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        """Folded before uniqueness is looked at: the same address in capitals is the same row."""
        super().clean()
        self.pattern = fold_address(self.pattern)


class BlockedPerson(models.Model):
    """A person who may not sign up nor ask again: a keyed hash of the folded address, nothing in
    clear.
    """

    digest = models.CharField("empreinte", max_length=64, unique=True)
    reason = models.CharField("motif", max_length=64)
    blocked_at = models.DateTimeField("bloquée le")
    blocked_by = models.UUIDField("bloquée par", null=True, blank=True)
    reviewed_at = models.DateTimeField("maintenue le", null=True, blank=True)  # the last time
    reviewed_by = models.UUIDField("maintenue par", null=True, blank=True)

    class Meta:
        verbose_name = "personne bloquée"
        verbose_name_plural = "personnes bloquées"

    def __str__(self) -> str:
        return f"{self.digest[:8]}… ({self.blocked_at:%d/%m/%Y})"


class AccountWord(models.Model):
    """One word of an account's names or address (`people.search_words`): a row for each lets an
    ordinary index answer « begins with » for any of them.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # the constraint's index serves it
    word = models.CharField("mot", max_length=40)

    class Meta:
        verbose_name = "mot de recherche"
        verbose_name_plural = "mots de recherche"
        constraints = [
            models.UniqueConstraint(fields=["user", "word"], name="account_word_once"),
        ]
        indexes = [
            # The operator class serves « begins with » under any collation of PostgreSQL.
            models.Index(
                fields=["word", "user"],
                opclasses=["text_pattern_ops", "int8_ops"],
                name="account_word",
            ),
        ]

    def __str__(self) -> str:
        return self.word


def get_creation_dates(now: datetime) -> dict[str, datetime]:
    """The dates of a new account: never seen, the clock runs from its creation."""
    return {"created_at": now, "status_since": now, "clock_from": now}
