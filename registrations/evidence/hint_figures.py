"""How often a signal of the decision page ended in a refusal, counted once a day."""

from datetime import datetime, timedelta
from typing import Final

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from accounts.habilitations.enums import ADMINISTRATOR_ROLES
from registrations.evidence.models import HintFigure, KnownContact
from registrations.requests.enums import RequestOrigin, RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_hints import STORED_HINTS, WEBMAIL_DOMAINS, ReviewHint

PERIOD: Final = timedelta(days=365)
MINIMUM: Final = 10  # fewer decisions say nothing


class FavourHint(models.TextChoices):
    """What speaks for a request."""

    INVITATION = "invitation", "sur invitation"
    DOMAIN = "domaine-connu", "domaine d’adresse connu"
    CONTACT = "contact-connu", "contact connu"


def count_hint_figures(now: datetime) -> dict[str, int]:
    """Counts every signal again, from the requests as they stand."""
    decided = Request.objects.filter(
        decided_at__gte=now - PERIOD, status__in=(RequestStatus.APPROVED, RequestStatus.REFUSED)
    ).exclude(origin=RequestOrigin.STAFF)
    found = _count_each(
        decided,
        {
            **{hint.value: Q(signals__contains=f",{hint.value},") for hint in STORED_HINTS},
            ReviewHint.TERRITORY.value: Q(department__in_territory=False),
            FavourHint.INVITATION.value: Q(invitation__isnull=False),
        },
    )
    found |= _count_each(decided.filter(_had_known_domain()), {FavourHint.DOMAIN.value: Q()})
    found |= _count_each(decided.filter(_is_listed()), {FavourHint.CONTACT.value: Q()})
    with transaction.atomic():
        for code, (carried, refused) in found.items():
            HintFigure.objects.update_or_create(
                code=code, defaults={"carried": carried, "refused": refused, "counted_at": now}
            )
    return {"signals": len(found)}


def describe_hint_figures() -> dict[str, str]:
    """By code, in the reviewer's words; only of signals seen often enough. One query."""
    rows = HintFigure.objects.filter(carried__gte=MINIMUM)
    return {
        row.code: f"{row.refused or 'Aucun'}\u00a0refus sur {row.carried}\u00a0demandes décidées "
        "qui le portaient, ces 12\u00a0derniers mois."
        for row in rows
    }


def _count_each(rows: QuerySet[Request], conditions: dict[str, Q]) -> dict[str, tuple[int, int]]:
    refused = Q(status=RequestStatus.REFUSED)
    counts = rows.aggregate(
        **{f"all_{n}": Count("pk", filter=cond) for n, cond in enumerate(conditions.values())},
        **{
            f"refused_{n}": Count("pk", filter=cond & refused)
            for n, cond in enumerate(conditions.values())
        },
    )
    return {
        code: (counts[f"all_{number}"], counts[f"refused_{number}"])
        for number, code in enumerate(conditions)
    }


def _had_known_domain() -> Q:
    """An Administrateur of the company with an address of that domain was accepted before."""
    accepted = Request.objects.annotate(siren=Substr("siret", 1, 9)).filter(
        email_domain=OuterRef("email_domain"),
        siren=Substr(OuterRef("siret"), 1, 9),
        status=RequestStatus.APPROVED,
        granted_role__in=ADMINISTRATOR_ROLES,
        decided_at__lt=OuterRef("decided_at"),
    )
    accepted = accepted.exclude(user=OuterRef("user"))
    return Q(Exists(accepted)) & ~Q(email_domain__in=WEBMAIL_DOMAINS)


def _is_listed() -> Q:
    contacts = KnownContact.objects.annotate(siren=Substr("siret", 1, 9)).filter(
        Q(siret="") | Q(siren=Substr(OuterRef("siret"), 1, 9)), address_key=OuterRef("email_key")
    )
    return Q(Exists(contacts))
