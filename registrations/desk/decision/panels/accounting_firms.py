"""What the desk says of an accounting firm, on a platform that takes them and on one that does not
(R41).
"""

from typing import Final

from django.db.models import Exists, Q, QuerySet

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.admission import ASKED_ONLINE
from accounts.habilitations.platforms.models import AdmissionRule
from registrations.requests.models import RefusalReason, Request

ACCOUNTING_FIRM_REASON: Final = "cabinet-comptable"  # of the shipped refusal reasons


def takes_accounting_firms(item: Request) -> bool:
    """Whether they may ask for the platform of `item`: then being one is no fault."""
    return _select_rules(item).exists()


def select_refusal_reasons(item: Request | None) -> QuerySet[RefusalReason]:
    """The reasons that may be given for `item`, or for any request, in the order of the list."""
    reasons = RefusalReason.objects.filter(enabled=True).order_by("position", "label")
    if item is None:
        return reasons
    return reasons.exclude(Q(code=ACCOUNTING_FIRM_REASON) & Exists(_select_rules(item)))


def _select_rules(item: Request) -> QuerySet[AdmissionRule]:
    return AdmissionRule.objects.filter(
        platform=item.platform_id,
        kind=EstablishmentKind.CABINET_COMPTABLE,
        way_in__in=ASKED_ONLINE,
    )


def describe_firm_on_platform(platform: str, *, takes_them: bool) -> str:
    """What a hint of one means in a request that is not made as one."""
    if takes_them:
        return f"Sur {platform}, un cabinet comptable choisit ce type d’établissement."
    return f"{platform} n’est pas ouvert aux cabinets comptables."
