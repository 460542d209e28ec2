"""What a form is filled in with before the person types."""

from collections.abc import Collection, Sequence

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from mgestion.templatetags.portal import phone_fr
from mgestion.templatetags.portal import siret as siret_display
from registrations.enrolment.forms import get_profile_field
from registrations.requests.models import Request


def initial_from_account(user: User) -> dict[str, str]:
    """The answers that the account holds already."""
    return {
        "last_name": user.last_name,
        "first_name": user.first_name,
        "phone": phone_fr(user.phone),
    }


def initial_from_request(request: Request) -> dict[str, str]:
    """The answers of a request, to correct it or to send it again."""
    profile = request.profile.code if request.profile else ""
    return {
        "last_name": request.last_name,
        "first_name": request.first_name,
        "phone": phone_fr(request.phone),
        "company_name": request.company_name,
        "siret": siret_display(request.siret),
        "kind": request.kind,
        "department": request.department_id,
        "branch": request.branch.code if request.branch else "",
        "profile": profile if request.kind == EstablishmentKind.ENTREPRISE else "",
        get_profile_field(request.kind): profile,
    }


def initial_from_past(
    user: User, platform: Platform, kinds: Collection[str], requests: Sequence[Request]
) -> dict[str, str]:
    """The account's answers, and the person's latest establishment of one of `kinds` that they do
    not have on this platform yet: of an open access, else of one of their `requests`.
    """
    known = initial_from_account(user)
    accesses = list(
        Access.objects.open_or_suspended()
        .filter(user=user)
        .select_related("establishment")
        .order_by("-granted_at", "-pk")[:10]
    )
    if requests and not user.phone:
        known["phone"] = phone_fr(requests[0].phone)
    taken = {each.establishment.siret for each in accesses if each.platform_id == platform.pk}
    taken |= {each.siret for each in requests if each.platform_id == platform.pk and each.is_open}
    places = [
        (place.name, place.siret, place.kind, place.department_id)
        for place in (access.establishment for access in accesses)
    ]
    places += [(each.company_name, each.siret, each.kind, each.department_id) for each in requests]
    for name, number, kind, department in places:
        if kind in kinds and number not in taken:
            return known | {
                "company_name": name,
                "siret": siret_display(number),
                "kind": kind,
                "department": department,
            }
    return known
