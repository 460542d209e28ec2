"""How a platform is named in the pages and mails of requests, and the addresses that lead to it."""

from urllib.parse import urlencode

from django.urls import reverse

from accounts.habilitations.enums import Dashboard
from accounts.habilitations.platforms.mgestion_platforms import MGESTION, MGESTION_TRAINING
from accounts.habilitations.platforms.models import Platform


def get_request_label(platform: Platform) -> str:
    """The two platforms of M-Gestion have one form, and one name in requests."""
    return "M-Gestion" if platform.code in MGESTION else platform.name


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
