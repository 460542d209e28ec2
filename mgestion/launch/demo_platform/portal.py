"""What the platform asks the portal: whose ticket this is, and what changed for its people."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

SECONDS: Final = 4.0
# Never through the proxy of the machine's network: the portal is on this machine.
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class PortalTrouble(Exception):
    """The portal gave no answer that can be used. The text is shown: French."""


class TicketRefused(Exception):
    """The portal does not vouch for the ticket."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came, and what the portal releases of them: names and values in its order."""

    subject: str
    attributes: tuple[tuple[str, str], ...]


@dataclass
class Portal:
    """The portal at `url`, as this platform knows it. `token` opens its API."""

    url: str
    service: str
    token: str

    @property
    def login_url(self) -> str:
        return f"{self.url}/cas/login?{urlencode({'service': self.service})}"

    @property
    def logout_url(self) -> str:
        return f"{self.url}/cas/logout"

    @property
    def services_url(self) -> str:
        return f"{self.url}/services/"

    def validate_ticket(self, ticket: str) -> Arrival:
        """Raises TicketRefused, PortalTrouble."""
        asked = urlencode({"service": self.service, "ticket": ticket, "format": "JSON"})
        answer, _ = self._get(f"/cas/p3/serviceValidate?{asked}", {})
        said = (answer or {}).get("serviceResponse", {}).get("authenticationSuccess")
        if said is None:
            raise TicketRefused
        return Arrival(said["user"], tuple(_list_attributes(said.get("attributes", {}))))

    def list_people(self) -> tuple[list[dict[str, Any]], int]:
        """Everybody with an access, and the number of the feed to go on from. Raises
        PortalTrouble.
        """
        people: list[dict[str, Any]] = []
        number, after = None, ""
        while True:
            page, _ = self._get(f"/api/v1/habilitations{after}", self._headers)
            assert page is not None  # noqa: S101 - nothing was said to be known already
            people += page["people"]
            number = page["changes"] if number is None else number
            if page["next"] is None:
                return people, number
            after = f"?after={page['next']}"

    def list_changes(self, since: int, known: str) -> tuple[dict[str, Any] | None, str]:
        """The changes after `since`, and their fingerprint; None where `known` is still theirs.
        Raises PortalTrouble.
        """
        conditional = {"If-None-Match": known} if known else {}
        address = f"/api/v1/habilitations/changes?since={since}"
        return self._get(address, {**self._headers, **conditional})

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _get(self, path: str, headers: Mapping[str, str]) -> tuple[dict[str, Any] | None, str]:
        asked = urllib.request.Request(f"{self.url}{path}", headers=dict(headers))  # noqa: S310 - our own portal
        try:
            with _OPENER.open(asked, timeout=SECONDS) as answer:
                return json.load(answer), answer.headers.get("ETag", "")
        except urllib.error.HTTPError as refusal:
            refusal.close()
            if refusal.code == 304:
                return None, headers.get("If-None-Match", "")
            raise PortalTrouble(
                f"Le portail a refusé de répondre à cette plateforme ({refusal.code})."
            ) from None
        except (OSError, ValueError):
            raise PortalTrouble("Le portail ne répond pas.") from None


def _list_attributes(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """One pair a value; the protocol's own yes and no as it writes them in XML."""
    for name, values in told.items():
        for value in values if isinstance(values, list) else [values]:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
