"""Which platform a CAS `service` belongs to, and when two are one (V8).

Everything that a browser, a proxy and a platform could read differently is refused rather than
normalised: two readings of one address are how a ticket leaves for another server. What they only
write differently is compared in one canonical form.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from django.conf import settings

from accounts.habilitations.platforms.models import Platform, ServiceRule

MAX_LENGTH: Final = 2000
OWN_ORIGIN: Final = "self"  # in a rule: this portal, whatever its public address is on this machine
_LOOPBACK: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    # A name or an IPv4 address in plain ASCII (no user-info, no percent-encoding), or an IPv6
    # address.
    r"(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[^?#]*)?"
    r"(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE | re.ASCII,  # ASCII: « ſ » is no « s », the Kelvin sign no « k »
)


# What stays as it is in the canonical form; `%` too, since what was encoded stays encoded. Browsers
# leave some other characters of ASCII as they are (« | », « { ») and some programs do not.
_KEPT: Final = "%/:?@[]!$&()*+,;=-._~"
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """A service address that has one reading: its origin in canonical form, its path and its query
    as sent (« / » and "" where there is none). The fragment never leaves the browser.
    """

    origin: str
    path: str
    query: str = ""

    @property
    def request_target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def canonical(self) -> str:
        """The one spelling of all those that a browser or a client makes of this address."""
        encoded = quote(self.request_target, safe=_KEPT)
        return self.origin + _ENCODED.sub(lambda found: found[0].upper(), encoded)


def parse_service_address(url: str) -> ServiceAddress | None:
    """The one reading of `url`, or None for anything relative, ambiguous or longer than 2,000
    characters.
    """
    found = _parse_address(url)
    return found if isinstance(found, ServiceAddress) else None


def find_address_fault(url: str) -> str:
    """Why `parse_service_address` refuses `url`, in French for who set the address; "" when it has
    one reading.
    """
    found = _parse_address(url)
    return found if isinstance(found, str) else ""


def are_same(one: str, other: str) -> bool:
    """Whether two service addresses are one: same origin, path and query, however spelt (V8)."""
    first, second = parse_service_address(one), parse_service_address(other)
    return first is not None and second is not None and first.canonical == second.canonical


def _parse_address(url: str) -> ServiceAddress | str:
    if len(url) > MAX_LENGTH:
        return "Elle dépasse 2\u00a0000 caractères."
    if "\\" in url:
        return "Elle contient une barre oblique inversée\u00a0: écrivez %5C dans les paramètres."
    if " " in url:
        return "Elle contient une espace\u00a0: écrivez %20."
    if _has_invisible_characters(url):
        return "Elle contient un caractère invisible, qu’il faut retirer ou encoder."
    found = _URL.fullmatch(url)
    if found is None:
        return _find_shape_fault(url)
    origin = _build_origin(found["scheme"], found["host"], found["port"])
    if origin is None:
        return "Son nom de serveur ou son port n’existe pas."
    path = found["path"] or "/"
    if not _has_plain_path(path):
        return (
            "Son chemin contient «\u00a0.\u00a0», «\u00a0..\u00a0», une barre oblique inversée ou "
            "un caractère de contrôle, même encodé."
        )
    return ServiceAddress(origin, path, found["query"] or "")


def _find_shape_fault(url: str) -> str:
    """What is wrong with what does not even look like an address of the web."""
    start = re.match(r"https?://([^/?#]*)", url, re.IGNORECASE | re.ASCII)
    if start is None:
        return (
            "Elle n’est pas complète\u00a0: elle doit commencer par https:// et le nom du serveur."
        )
    if "@" in start[1]:
        return "Elle porte un identifiant avant le nom du serveur («\u00a0@\u00a0»)."
    return "Son nom de serveur ou son port ne se lit pas."


def get_origin(url: str) -> str:
    """The canonical origin of `url`, "" when it has no single reading."""
    service = parse_service_address(url)
    return service.origin if service else ""


def is_secure_address(url: str) -> bool:
    """Whether `url` is in https, or stays on this machine in the embedded mode."""
    origin = get_origin(url)
    return origin.startswith("https://") or bool(settings.EMBEDDED and _LOOPBACK.fullmatch(origin))


@dataclass(frozen=True, slots=True)
class ServiceMatch:
    """The platform that an address enters. `service`: the address, on this portal's present origin
    when it is one of this portal's own by the origin that was published.
    """

    platform: Platform
    service: str


def match_platform(service_url: str) -> Platform | None:
    """The platform that `service_url` enters, or None: unregistered, disabled, malformed, not
    https.
    """
    found = find_service_match(service_url)
    return found.platform if found else None


def find_service_match(service_url: str) -> ServiceMatch | None:
    """What `service_url` enters; None as for `match_platform`.

    The most specific rule of an origin decides alone, so that closing a platform never hands its
    addresses to a broader rule of another one.
    """
    service = parse_service_address(service_url)
    if service is None:
        return None
    own = _is_own(service)
    if not is_secure_address(service.origin) and not (settings.EMBEDDED and own):
        return None  # plain http: a demo's, that never leaves this machine
    covering = [rule for rule in _list_rules(service) if rule_covers_path(rule.path, service.path)]
    if not covering:
        return None
    rule = _get_most_specific(covering)
    if not rule.platform.enabled:
        return None
    ours = rule.origin == OWN_ORIGIN and not _has_host_of_its_own(rule.platform, service)
    return ServiceMatch(rule.platform, _move_to_public_url(service) if ours else service_url)


def _list_rules(service: ServiceAddress) -> list[ServiceRule]:
    """The rules of the service's origin, the newest first, with their platforms."""
    origins = [service.origin, OWN_ORIGIN] if _is_own(service) else [service.origin]
    rules = ServiceRule.objects.filter(origin__in=origins)
    return list(rules.select_related("platform").order_by("-pk"))


def _get_most_specific(rules: list[ServiceRule]) -> ServiceRule:
    """The rule with the longest path; of two with the same path, the newer."""
    return max(rules, key=lambda rule: len(rule.path.rstrip("/")))


def get_own_path(service_url: str) -> str:
    """Path and query on this portal that `service_url` names, "" for another origin's address."""
    service = parse_service_address(service_url)
    if service is None or service.origin != get_origin(settings.PUBLIC_URL):
        return ""
    return service.request_target


def get_published_path(service_url: str) -> str:
    """The path on this portal that a published link names, whoever takes its tickets; "" for
    another address. It leads who has no access to the form of the link's branch.
    """
    service = parse_service_address(service_url)
    return service.request_target if service is not None and _is_own(service) else ""


def _is_own(service: ServiceAddress) -> bool:
    """Whether an address names this portal, by its present origin or by the published one."""
    return service.origin in (get_origin(settings.PUBLIC_URL), settings.PUBLISHED_ORIGIN)


def _has_host_of_its_own(platform: Platform, service: ServiceAddress) -> bool:
    """Whether a published link leads to M-Gestion's own host, and its ticket with it: once staff
    have set an entry address on the published origin. Until then this portal answers for it.
    """
    elsewhere = service.origin != get_origin(settings.PUBLIC_URL)
    return elsewhere and get_origin(platform.entry_url) == service.origin


def _move_to_public_url(service: ServiceAddress) -> str:
    return f"{settings.PUBLIC_URL}{service.request_target}"


def is_proxy_callback(platform: Platform, url: str) -> bool:
    """Whether `url` is an address that `platform` may have its granting tickets sent to: one of
    its own, to the path's last character; the query is the caller's (CAS-P1).
    """
    asked = parse_service_address(url)
    if asked is None or "#" in url or not is_secure_address(url):
        return False
    known = (parse_service_address(address) for address in platform.proxy_callbacks)
    return any(
        one is not None and (one.origin, one.path) == (asked.origin, asked.path) for one in known
    )


@dataclass(frozen=True, slots=True)
class ServiceExplanation:
    """What the registry makes of an address, for whoever tends it. French."""

    accepted: bool
    said: str
    rule: ServiceRule | None = None


def explain_service_address(url: str) -> ServiceExplanation:
    """Why `url` would get a ticket, or why not; decides nothing by itself."""
    service = parse_service_address(url)
    if service is None:
        return ServiceExplanation(False, find_address_fault(url))
    rules = _list_rules(service)
    found = [rule for rule in rules if rule_covers_path(rule.path, service.path)]
    if not rules:
        return ServiceExplanation(False, f"Aucune plateforme n’a l’origine {service.origin}.")
    if not found:
        known = ", ".join(sorted(rule.path for rule in rules))
        return ServiceExplanation(
            False, f"L’origine est connue, mais aucun chemin n’y mène (connus\u00a0: {known})."
        )
    rule = _get_most_specific(found)
    if not rule.platform.enabled:
        return ServiceExplanation(False, f"{rule.platform} est fermée.", rule)
    if match_platform(url) is None:
        return ServiceExplanation(False, "Seul https est accepté.", rule)
    return ServiceExplanation(True, f"Cette adresse entre sur {rule.platform}.", rule)


def find_rule_faults(origin: str, path: str) -> dict[str, str]:
    """What is wrong with a rule, by field; an origin is written in its canonical form. French."""
    faults = {}
    if origin != OWN_ORIGIN:
        service = parse_service_address(origin)
        canonical = service.origin if service else ""
        if not canonical or service is None or service.path != "/" or origin.endswith("/"):
            faults["origin"] = (
                "Écrivez une origine seule, par exemple https://plateforme.example.org."
            )
        elif canonical != origin:
            faults["origin"] = f"Écrivez cette origine sous sa forme simple : {canonical}"
        elif not is_secure_address(canonical):
            faults["origin"] = "Une plateforme est en https."
    if (
        not path.startswith("/")
        or "//" in path
        or re.search(r"[?#*\s]", path)
        or not _has_plain_path(path)
    ):
        faults["path"] = (
            "Un chemin commence par « / » et ne contient ni « ? », ni « # », ni étoile, ni « .. »."
        )
    return faults


def rule_covers_path(rule_path: str, path: str) -> bool:
    """Whether `path` is `rule_path` or lies under it, at a segment boundary and
    case-sensitively."""
    base = rule_path.rstrip("/")
    return path == base or path.startswith(f"{base}/")


def _build_origin(scheme: str, host: str, port: str | None) -> str | None:
    scheme, host = scheme.lower(), host.lower()
    number = int(port) if port else _DEFAULT_PORTS[scheme]
    if number > 65535 or ".." in host:
        return None
    return (
        f"{scheme}://{host}" if number == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{number}"
    )


def _has_invisible_characters(url: str) -> bool:
    """Whether `url` has a control, format, surrogate, unassigned or separator character: browsers
    drop some of them silently.
    """
    if url.isascii():  # as below, many times faster
        return " " in url or not url.isprintable()
    return any(unicodedata.category(char)[0] in "CZ" for char in url)


def _has_plain_path(path: str) -> bool:
    """Whether no reader finds a dot-segment, a backslash or a control character in `path`, however
    often it is decoded.
    """
    for _ in range(4):
        if "\\" in path or any(unicodedata.category(char) == "Cc" for char in path):
            return False
        # « ..;x » is a dot-segment for servers that strip path parameters.
        if any(segment.split(";")[0] in (".", "..") for segment in path.split("/")):
            return False
        decoded = unquote(path, errors="replace")
        if decoded == path:
            return True
        path = decoded
    return False  # encoded five times over: nobody's honest address
