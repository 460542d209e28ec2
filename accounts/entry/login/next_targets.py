"""Where a person was going: it survives sign-up, mail, password and login, checked at each step.

A target is a registered service (an absolute address) or a path of this portal. Kept as one string.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.models import Platform
from mgestion.web.safe_redirect import local_path


@dataclass(frozen=True)
class NextTarget:
    """A checked target, or none. `platform` is set exactly when `service` is."""

    service: str = ""
    next: str = ""
    platform: Platform | None = None

    def __bool__(self) -> bool:
        return bool(self.service or self.next)

    @property
    def text(self) -> str:
        """As stored on rows."""
        return self.service or self.next

    @property
    def parameters(self) -> dict[str, str]:
        if self.service:
            return {"service": self.service}
        return {"next": self.next} if self.next else {}

    def to(self, url_name: str, *args: object, **more: str) -> str:
        """The address of a page that takes the target along."""
        query = urlencode({**self.parameters, **more})
        path = reverse(url_name, args=args)
        return f"{path}?{query}" if query else path

    @property
    def platform_name(self) -> str:
        """What the person is going to; for a path of this portal, what its rule says. One query."""
        if self.platform is not None:
            return str(self.platform.name)
        found = (
            cas_services.match_platform(f"{settings.PUBLIC_URL}{self.next}") if self.next else None
        )
        return str(found.name) if found is not None else ""

    @property
    def own_path(self) -> str:
        """The path on this portal that the target means; "" for another platform's service."""
        return self.next or local_path(cas_services.get_own_path(self.service))


class UnknownService(Exception):
    """The `service` belongs to no open platform (R9, `cas.md` S1)."""


def parse_target(parameters: QueryDict) -> NextTarget:
    """The target of a query or a form. Raises UnknownService; an unsafe `next` is dropped."""
    service = parameters.get("service", "")
    if service:
        found = cas_services.find_service_match(service)
        if found is None:
            raise UnknownService
        return NextTarget(service=found.service, platform=found.platform)
    return NextTarget(next=local_path(parameters.get("next", "")))


def get_request_target(request: HttpRequest) -> NextTarget:
    """The target that a page was asked with: posted fields first, then the query."""
    posted = request.POST
    return parse_target(posted if posted.get("service") or posted.get("next") else request.GET)


def restore_target(text: str) -> NextTarget:
    """The target of a stored row, checked again: a platform closed meanwhile is forgotten."""
    if not text:
        return NextTarget()
    if text.startswith("/"):
        return NextTarget(next=local_path(text))
    found = cas_services.find_service_match(text)
    return NextTarget(service=found.service, platform=found.platform) if found else NextTarget()


def build_target_context(target: NextTarget) -> dict[str, object]:
    """What every page of the detour shows: the target, and the doors that take it along."""
    return {
        "target": target,
        "login_url": target.to("cas:login"),
        "sign_up_url": target.to("entry:sign_up"),
        "reset_url": target.to("entry:reset"),
    }
