"""Posted requests, mailed links, session records, and counters of failures and rates."""

import uuid

from django.conf import settings
from django.db import models

from mgestion.text.browsers import browser_name


class PostedRequest(models.Model):
    """What anybody posts at the door. The request writes this row and nothing else, whatever the
    address; a worker decides later.
    """

    class Kind(models.TextChoices):
        SIGN_UP = "sign_up", "inscription"
        RESET = "reset", "mot de passe oublié"
        LOSS = "loss", "perte ou vol signalé"
        UNLOCK = "unlock", "connexion verrouillée"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    email = models.EmailField(max_length=254, blank=True)  # of a sign-up, as typed
    email_key = models.CharField(max_length=254, db_index=True)
    target = models.CharField(max_length=2000, blank=True)
    # The failure counter that reached its last failure.
    counter = models.CharField(max_length=120, blank=True)
    # From a browser that the account knows, or by staff: strangers' requests, which fill the
    # mailbox's ceiling, do not stop it.
    known = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=24, blank=True)

    class Meta:
        verbose_name = "demande reçue à l’entrée"
        verbose_name_plural = "demandes reçues à l’entrée"
        indexes = [
            models.Index(
                fields=["kind", "created_at"],
                condition=models.Q(settled_at__isnull=True),
                name="posted_unsettled",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class EntryLink(models.Model):
    """A link sent by mail. The row holds no secret: the key in the mail is its id signed (S19,
    S25).

    Every unexpired link of a person and purpose works until one is used; using one uses them all.
    """

    class Purpose(models.TextChoices):
        SIGN_UP = "sign_up", "création du mot de passe"
        RESET = "reset", "réinitialisation"
        UNLOCK = "unlock", "déverrouillage"
        LOSS = "loss", "signalement d’une perte ou d’un vol"
        ADDRESS = "address", "changement d’adresse"
        FACTOR = "factor", "ajout d’un second facteur"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    target = models.CharField(max_length=2000, blank=True)  # where the person was going
    counter = models.CharField(
        max_length=120, blank=True
    )  # the failure counter that an unlock opens again
    address = models.EmailField(max_length=254, blank=True)  # the one that a change proves
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)  # used, or ended by something else
    shown_at = models.DateTimeField(null=True, blank=True)  # the code of a mail was typed

    class Meta:
        verbose_name = "lien envoyé"
        verbose_name_plural = "liens envoyés"
        indexes = [models.Index(fields=["user", "purpose", "-created_at"], name="link_by_user")]

    def __str__(self) -> str:
        return str(self.id)


class SetAsideFactor(models.Model):
    """A second factor that was young when a loss was reported: it opens and asks nothing until an
    agent has spoken. The columns are those of allauth's row.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=20)
    data = models.JSONField()
    created_at = models.DateTimeField("ajouté le")
    last_used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    set_aside_at = models.DateTimeField("mis de côté le")

    class Meta:
        verbose_name = "second facteur mis de côté"
        verbose_name_plural = "seconds facteurs mis de côté"

    def __str__(self) -> str:
        return f"{self.type} ({self.created_at:%Y-%m-%d})"


class PasskeyChallenge(models.Model):
    """What a passkey is asked to sign: a row that one answer deletes, so that no answer counts
    twice. The session that asked holds its id; the row names nobody.
    """

    class Purpose(models.TextChoices):
        ENTER = "enter", "connexion sans mot de passe"
        PROVE = "prove", "second facteur"
        ENROL = "enrol", "enregistrement"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    value = models.CharField(max_length=64)  # 32 random bytes, base64url
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "défi de clé d’accès"
        verbose_name_plural = "défis de clés d’accès"

    def __str__(self) -> str:
        return str(self.id)


class SessionRecordQuerySet(models.QuerySet["SessionRecord"]):
    def open(self) -> "SessionRecordQuerySet":
        return self.filter(ended_at__isnull=True)


class SessionRecord(models.Model):
    """One row per completed login: the list of sessions, the last login, and the anchor of single
    sign-on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    epoch = models.PositiveIntegerField()
    started_at = models.DateTimeField("ouverte le")
    seen_at = models.DateTimeField("vue le")
    ended_at = models.DateTimeField("terminée le", null=True, blank=True)
    end_reason = models.CharField(max_length=20, blank=True)
    new_device = models.BooleanField("nouvel appareil", default=False)
    user_agent = models.CharField("navigateur", max_length=200, blank=True)
    ip = models.GenericIPAddressField("adresse IP", null=True, blank=True)

    objects = SessionRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "session"
        verbose_name_plural = "sessions"
        indexes = [models.Index(fields=["user", "-started_at"], name="session_by_user")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    @property
    def browser(self) -> str:
        """« Firefox, Windows »: what a person recognises in the User-Agent header."""
        return browser_name(self.user_agent)


class FailureCounter(models.Model):
    """Failed logins in a row, by account and kind of device. One UPSERT a failure."""

    key = models.CharField(
        primary_key=True, max_length=120
    )  # "<folded address hash>:known:<device>" or ":others"
    failures = models.PositiveIntegerField(default=0)
    last_failure_at = models.DateTimeField()
    open_until = models.DateTimeField(null=True, blank=True)  # refused until then

    class Meta:
        verbose_name = "échecs de connexion"
        verbose_name_plural = "échecs de connexion"

    def __str__(self) -> str:
        return self.key


class RateCounter(models.Model):
    """Events of one key in one window of time: sign-ups and resets by IP or address. One UPSERT an
    event.
    """

    key = models.CharField(max_length=120)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "compteur de débit"
        verbose_name_plural = "compteurs de débit"
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="rate_counter_once")]

    def __str__(self) -> str:
        return self.key
