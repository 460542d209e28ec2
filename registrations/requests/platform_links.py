"""How a platform is named in the pages and mails of requests, and the addresses that lead to it."""

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import Truncator

from accounts.habilitations.enums import Dashboard
from accounts.habilitations.platforms.cas_services import match_platform
from accounts.habilitations.platforms.mgestion_platforms import MGESTION, MGESTION_TRAINING
from accounts.habilitations.platforms.models import Platform
from registrations.requests.models import Request

SUBJECT_MAX: Final = 16
SERVICE_MAX: Final = Request._meta.get_field("service").max_length or 0


def get_request_label(platform: Platform) -> str:
    """The two platforms of M-Gestion have one form, and one name in requests."""
    return "M-Gestion" if platform.code in MGESTION else platform.name


def get_short_label(platform: Platform) -> str:
    """The label for the subject of a mail: its first words, as many as fit."""
    label = get_request_label(platform)
    words = label.split()
    while len(words) > 1 and len(" ".join(words)) > SUBJECT_MAX:
        words.pop()
    return Truncator(" ".join(words)).chars(SUBJECT_MAX)


def build_form_url(platform: Platform, **query: str) -> str:
    """The form that asks for an access to `platform`; empty values of `query` are left out."""
    kept = {name: value for name, value in query.items() if value}
    if platform.code not in MGESTION:
        address = reverse("registrations:request_for_platform", args=[platform.code])
    else:
        address = reverse("registrations:request_new")
        if platform.code == MGESTION_TRAINING and "suite" not in kept:
            kept.setdefault("branche", Dashboard.OF.value)
    return f"{address}?{urlencode(kept)}" if kept else address


def build_entry_url(platform: Platform, service: str = "") -> str:
    """Where somebody with an access enters: through the CAS login where tickets are accepted.
    Empty when the platform has no address. `service`: a checked address of the platform.
    """
    if platform.code in MGESTION:
        return reverse("registrations:landing")
    if service or platform.entry_url:
        query = urlencode({"service": service or platform.entry_url})
        return f"{reverse('cas:login')}?{query}"
    return platform.home_url


def find_entry_url(request: Request) -> str:
    """Where the person enters once the request is accepted: where they were going, if that still
    is an address of the platform.
    """
    return build_entry_url(
        request.platform,
        check_service(request.platform, request.service) if request.service else "",
    )


def check_service(platform: Platform, service: str) -> str:
    """`service` if it is an address of `platform` that may be kept; else empty."""
    if not service or len(service) > SERVICE_MAX or platform.code in MGESTION:
        return ""
    found = match_platform(service)
    return service if found is not None and found.pk == platform.pk else ""
