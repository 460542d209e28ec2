"""Demo data: what speaks for a request beside its answers: a list of known contacts, opinions of a
colleague and of a DGA, and how often each signal ended in a refusal.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.habilitations.reference.models import Dga
from accounts.people.models import User
from mgestion.demo import Demo
from registrations.desk.opinions.models import OpinionVerdict
from registrations.desk.opinions.opinion_flows import ask_opinion, give_opinion
from registrations.evidence.contact_files import ContactLine
from registrations.evidence.contact_flows import replace_known_contacts
from registrations.evidence.hint_figures import count_hint_figures
from registrations.evidence.models import KnownContact
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request

_NATIONAL: Final = "nadia.fictive@opco.example.org"
_REVIEWER: Final = "ines.exemple@opco.example.org"
_EACH: Final = 4  # one author in so many is on the list
_QUESTION: Final = (
    "L’établissement fait surtout du convoyage\u00a0: la branche choisie vous paraît-elle la "
    "bonne\u202f?"
)
_ANSWER: Final = "Oui, sa convention collective est bien celle de la branche. Rien à redire."


def load_demo_evidence(now: datetime) -> None:
    """Idempotent; nothing without the agents."""
    national, reviewer = (User.objects.with_address(each) for each in (_NATIONAL, _REVIEWER))
    if national is None or reviewer is None or KnownContact.objects.exists():
        return
    with transaction.atomic():
        _import_contacts(national, now - timedelta(days=40))
        _ask_opinions(reviewer, national, now)
        count_hint_figures(now)


def _import_contacts(national: User, at: datetime) -> None:
    """Of the requests that were accepted or wait."""
    wanted = (RequestStatus.APPROVED, RequestStatus.SUBMITTED)
    rows = Request.objects.filter(status__in=wanted).select_related("user")
    lines = {
        line.key: line
        for row in rows.order_by("reference")[::_EACH]
        for line in [ContactLine(row.user.email, row.siret, row.company_name)]
    }
    replace_known_contacts(list(lines.values()), actor_user=national, now=at)


def _ask_opinions(reviewer: User, national: User, now: datetime) -> None:
    """One is given, one is awaited."""
    rows = Request.objects.filter(
        delegation__code="IDF",
        status=RequestStatus.SUBMITTED,
        submitted_at__lt=now - timedelta(hours=4),
        due_at__gt=now + timedelta(hours=4),
    )
    asked_at = now - timedelta(hours=3)
    dga = Dga.objects.get(code="DGA-TRANSPORT")
    for number, row in enumerate(rows.order_by("due_at", "pk")[:2]):
        opinion = ask_opinion(
            row.pk,
            colleague=national if number == 0 else None,
            dga=None if number == 0 else dga,
            question=_QUESTION,
            actor_user=reviewer,
            now=asked_at,
        )
        if number == 0:
            give_opinion(
                row.pk,
                opinion.pk,
                verdict=OpinionVerdict.FAVOURABLE,
                answer=_ANSWER,
                actor_user=national,
                now=now - timedelta(hours=1),
            )


DEMO_EVIDENCE: Final = Demo(load_demo_evidence)
