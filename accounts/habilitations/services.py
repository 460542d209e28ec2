"""Which platform a CAS `service` belongs to (`cas.md` S1–S5).

Everything that a browser, a proxy and a platform could read differently is refused rather than
normalised: two readings of one address are how a ticket leaves for another server.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from django.conf import settings

from accounts.habilitations.models import Platform, ServiceRule
from mgestion.statements import Statement

MAX_LENGTH: Final = 2000
OWN_ORIGIN: Final = "self"  # in a rule: this portal, whatever its public address is on this machine
_LOOPBACK: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
# By hand: two requests a ticket ask this, and the query builder costs more than the database.
_BY_ORIGIN: Final = Statement(
    Platform,
    """
    SELECT {row}, rule.path
    FROM habilitations_servicerule AS rule
    JOIN habilitations_platform AS platform ON platform.id = rule.platform_id
    WHERE rule.origin IN (%s, %s)
    ORDER BY rule.id
    """,
    alias="platform",
    more=("covered",),
)
_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    # A name or an IPv4 address in plain ASCII (no user-info, no percent-encoding), or an IPv6
    # address.
    r"(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[^?#]*)?"
    r"(?:\?[^#]*)?(?:#.*)?",
    re.IGNORECASE | re.ASCII,  # ASCII: « ſ » is no « s », the Kelvin sign no « k »
)


@dataclass(frozen=True, slots=True)
class Service:
    """A service address that has one reading: its origin in canonical form and its path as sent."""

    origin: str
    path: str


def parse(url: str) -> Service | None:
    """The one reading of `url`, or None for anything relative, ambiguous or longer than 2,000
    characters (S4).
    """
    if len(url) > MAX_LENGTH or "\\" in url:
        return None
    if _invisible(url):
        return None
    found = _URL.fullmatch(url)
    if found is None:
        return None
    origin = _origin(found["scheme"], found["host"], found["port"])
    path = found["path"] or "/"
    if origin is None or not _plain(path):
        return None
    return Service(origin, path)


def origin_of(url: str) -> str:
    """The canonical origin of `url`, "" when it has no single reading."""
    service = parse(url)
    return service.origin if service else ""


def secure(url: str) -> bool:
    """Whether `url` is in https, or stays on this machine in the embedded mode (S2)."""
    origin = origin_of(url)
    return origin.startswith("https://") or bool(settings.EMBEDDED and _LOOPBACK.fullmatch(origin))


def match(service_url: str) -> Platform | None:
    """The platform that `service_url` enters, or None: unregistered, disabled, malformed, not
    https.

    The most specific rule of an origin decides alone, so that closing a platform never hands its
    addresses to a broader rule of another one (S5).
    """
    service = parse(service_url)
    if service is None:
        return None
    own = service.origin == origin_of(settings.PUBLIC_URL)
    if not secure(service.origin) and not (settings.EMBEDDED and own):
        return None  # plain http (S2): a demo's, that never leaves this machine
    origins = [service.origin, OWN_ORIGIN if own else service.origin]
    found = {str(vars(platform)["covered"]): platform for platform in _BY_ORIGIN.rows(origins)}
    covering = [path for path in found if covers(path, service.path)]
    if not covering:
        return None
    platform = found[max(covering, key=lambda path: len(path.rstrip("/")))]
    return platform if platform.enabled else None


def calls_back(platform: Platform, url: str) -> bool:
    """Whether `url` is an address that `platform` may have its granting tickets sent to: one of
    its own, to the path's last character; the query is the caller's (`cas.md` P1).
    """
    asked = parse(url)
    if asked is None or "#" in url or not secure(url):
        return False
    return any(parse(known) == asked for known in platform.proxy_callbacks)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the registry makes of an address, for whoever tends it. French."""

    accepted: bool
    said: str
    rule: ServiceRule | None = None


def explain(url: str) -> Explanation:
    """Why `url` would get a ticket, or why not; decides nothing by itself."""
    service = parse(url)
    if service is None:
        return Explanation(
            False,
            "Cette adresse n’a pas une lecture unique : il faut une adresse complète, de 2 000 "
            "caractères au plus, sans identifiant, barre oblique inversée, segment « .. » ni "
            "caractère invisible.",
        )
    own = service.origin == origin_of(settings.PUBLIC_URL)
    origins = [service.origin, OWN_ORIGIN] if own else [service.origin]
    rules = list(ServiceRule.objects.filter(origin__in=origins).select_related("platform"))
    found = [rule for rule in rules if covers(rule.path, service.path)]
    if not rules:
        return Explanation(False, f"Aucune plateforme n’a l’origine {service.origin}.")
    if not found:
        known = ", ".join(sorted(rule.path for rule in rules))
        return Explanation(
            False, f"L’origine est connue, mais aucun chemin n’y mène (connus\u00a0: {known})."
        )
    rule = max(found, key=lambda item: len(item.path.rstrip("/")))
    if not rule.platform.enabled:
        return Explanation(False, f"{rule.platform} est fermée.", rule)
    if match(url) is None:
        return Explanation(False, "Seul https est accepté.", rule)
    return Explanation(True, f"Cette adresse entre sur {rule.platform}.", rule)


def rule_faults(origin: str, path: str) -> dict[str, str]:
    """What is wrong with a rule, by field; an origin is written in its canonical form. French."""
    faults = {}
    if origin != OWN_ORIGIN:
        service = parse(origin)
        canonical = service.origin if service else ""
        if not canonical or service is None or service.path != "/" or origin.endswith("/"):
            faults["origin"] = (
                "Écrivez une origine seule, par exemple https://plateforme.example.org."
            )
        elif canonical != origin:
            faults["origin"] = f"Écrivez cette origine sous sa forme simple : {canonical}"
        elif not secure(canonical):
            faults["origin"] = "Une plateforme est en https."
    if not path.startswith("/") or "//" in path or re.search(r"[?#*\s]", path) or not _plain(path):
        faults["path"] = (
            "Un chemin commence par « / » et ne contient ni « ? », ni « # », ni étoile, ni « .. »."
        )
    return faults


def covers(rule_path: str, path: str) -> bool:
    """Whether `path` is `rule_path` or lies under it, at a segment boundary and case-sensitively
    (S3).
    """
    base = rule_path.rstrip("/")
    return path == base or path.startswith(f"{base}/")


def _origin(scheme: str, host: str, port: str | None) -> str | None:
    scheme, host = scheme.lower(), host.lower()
    number = int(port) if port else _DEFAULT_PORTS[scheme]
    if number > 65535 or ".." in host:
        return None
    return (
        f"{scheme}://{host}" if number == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{number}"
    )


def _invisible(url: str) -> bool:
    """Whether `url` has a control, format, surrogate, unassigned or separator character: browsers
    drop some of them silently.
    """
    if url.isascii():  # as below, many times faster
        return " " in url or not url.isprintable()
    return any(unicodedata.category(char)[0] in "CZ" for char in url)


def _plain(path: str) -> bool:
    """Whether no reader finds a dot-segment, a backslash or a control character in `path`, however
    often he decodes it.
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
