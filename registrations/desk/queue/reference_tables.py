"""The platforms, délégations and DGAs of a page: a few rows each, read once a page."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from django.http import HttpRequest

from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Delegation, Dga
from registrations.requests.models import Request

_KEPT: Final = "_desk_tables"  # on the HTTP request


class ReferenceTables:
    """Each table by key, in the order of its lists."""

    @cached_property
    def platforms(self) -> dict[int, Platform]:
        rows = Platform.objects.only("code", "name").order_by("position", "name")
        return {row.pk: row for row in rows}

    @cached_property
    def delegations(self) -> dict[int, Delegation]:
        rows = Delegation.objects.only("code", "name").order_by("name")
        return {row.pk: row for row in rows}

    @cached_property
    def dgas(self) -> dict[int, Dga]:
        return {row.pk: row for row in Dga.objects.only("code", "name").order_by("name")}

    def attach_to(self, items: Iterable[Request]) -> None:
        """Gives each request its rows. One that is newer than the tables is left to be read when it
        is asked for.
        """
        for item in items:
            if item.platform_id in self.platforms:
                item.platform = self.platforms[item.platform_id]
            if item.delegation_id in self.delegations:
                item.delegation = self.delegations[item.delegation_id]
            if item.dga_id in self.dgas:
                item.dga = self.dgas[item.dga_id]


def get_reference_tables(http: HttpRequest) -> ReferenceTables:
    found: ReferenceTables = http.__dict__.setdefault(_KEPT, ReferenceTables())
    return found
