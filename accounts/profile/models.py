"""Copies of one's data that wait for their reader, and the register of rights requests."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.profile.enums import OPEN, Channel, RequestState, Right


class DataExport(models.Model):
    """A copy that a person asked for. A worker makes it; it waits sealed (`sealing`) until
    `expires_at`, then the whole row goes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField("demandée le")
    claimed_until = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField("prête le", null=True, blank=True)
    expires_at = models.DateTimeField("disponible jusqu’au", null=True, blank=True)
    sealed = models.BinaryField(default=b"")

    class Meta:
        verbose_name = "copie de données"
        verbose_name_plural = "copies de données"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ready_at__isnull=True),
                name="export_one_in_the_making",
                violation_error_message="Une copie est déjà en préparation.",
            ),
            models.CheckConstraint(
                condition=Q(ready_at__isnull=True, expires_at__isnull=True)
                | Q(ready_at__isnull=False, expires_at__isnull=False),
                name="export_ready_expires",
                violation_error_message="Une copie prête a une date de fin.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], condition=Q(ready_at__isnull=True), name="export_to_make"
            ),
            models.Index(
                fields=["expires_at"], condition=Q(ready_at__isnull=False), name="export_to_purge"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def open(self) -> "RightsRequestQuerySet":
        return self.filter(state__in=OPEN)

    def settled(self) -> "RightsRequestQuerySet":
        return self.exclude(state__in=OPEN)


class RightsRequest(models.Model):
    """A request under articles 15 to 21 of the GDPR, however it came.

    Moved by `flows_rights` only. `person` is the account's opaque id, when there is an account; an
    erasure empties every column that says who, and what was said.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.UUIDField("compte", null=True, blank=True, db_index=True)
    name = models.CharField("nom de la personne", max_length=200, blank=True)
    contact = models.CharField("où répondre", max_length=300, blank=True)
    # The e-mail address in `contact`, folded: who asked before having an account is found.
    contact_key = models.CharField(
        max_length=300, blank=True, default="", db_index=True, editable=False
    )
    right = models.CharField("droit", max_length=16, choices=Right.choices)
    channel = models.CharField("canal", max_length=8, choices=Channel.choices)
    said = models.TextField("demande", blank=True)
    received_on = models.DateField("reçue le")
    due_on = models.DateField("répondre au plus tard le")
    state = models.CharField("état", max_length=12, choices=RequestState.choices)
    acknowledged_at = models.DateTimeField("accusé envoyé le", null=True, blank=True)
    extended_at = models.DateTimeField("prolongée le", null=True, blank=True)
    extension_reason = models.TextField("motif de la prolongation", blank=True)
    settled_at = models.DateTimeField("réponse donnée le", null=True, blank=True)
    answer = models.TextField("réponse", blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    notes = models.TextField("notes internes", blank=True)
    handled_by = models.UUIDField("suivie par", null=True, blank=True)
    created_at = models.DateTimeField("inscrite le")

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’exercice de droits"
        verbose_name_plural = "demandes d’exercice de droits"
        ordering = ("due_on", "created_at")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values),
                name="rights_state_known",
                violation_error_message="État inconnu.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=models.F("received_on")),
                name="rights_due_after_received",
                violation_error_message="L’échéance suit la réception.",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.CLOSED, closed_at__isnull=False)
                | (~Q(state=RequestState.CLOSED) & Q(closed_at__isnull=True)),
                name="rights_closed_is_dated",
                violation_error_message="Une demande close a une date de clôture.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(RequestState.ANSWERED, RequestState.REFUSED))
                | Q(settled_at__isnull=False),
                name="rights_settled_is_dated",
                violation_error_message="Une réponse a une date.",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state__in=OPEN), name="rights_due"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What one says on the telephone: the day it came, and four signs of its id."""
        return f"{self.received_on:%Y%m%d}-{self.pk.hex[:4].upper()}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_late(self, today: date) -> bool:
        """Whether the answer is owed and its last day (in Paris) is over."""
        return self.is_open and today > self.due_on
