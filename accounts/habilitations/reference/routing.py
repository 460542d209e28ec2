"""Where a request goes: branch → DGA and dashboard, département → délégation (R35, R36, R38, D6,
D9). Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.habilitations.enums import Dashboard, EstablishmentKind
from accounts.habilitations.reference.models import Branch, Delegation, Department, Dga


@dataclass(frozen=True, slots=True)
class Route:
    """`delegation` handles, `dga` oversees. Either may be empty: the request is then in the
    unrouted queue.
    """

    delegation: Delegation | None
    dga: Dga | None
    dashboard: Dashboard | None  # M-Gestion's

    @property
    def complete(self) -> bool:
        return self.delegation is not None and self.dga is not None


def find_route(
    *,
    kind: str,
    branch: Branch | None,
    department: Department,
    fallback_dga: Dga | None,
    mgestion: bool = True,
) -> Route:
    """The one destination of a request.

    A company goes by its branch; a CFA or a training organisation has none and goes to the fallback
    DGA, which also catches a branch whose DGA is missing. On a platform other than M-Gestion the
    branch may be unknown: then the délégation alone handles. Reads no database when
    `department.delegation` and `branch.dga` are loaded.
    """
    if kind == EstablishmentKind.ENTREPRISE and branch is not None:
        dashboard = Dashboard(branch.dashboard) if mgestion else None
        return Route(department.delegation, branch.dga or fallback_dga, dashboard)
    if not mgestion:
        training = kind in (EstablishmentKind.CFA, EstablishmentKind.OF)
        return Route(department.delegation, fallback_dga if training else None, None)
    return Route(department.delegation, fallback_dga, Dashboard.OF)


def list_routing_gaps(
    *, branches: Iterable[Branch], departments: Iterable[Department], fallback_dga: Dga | None
) -> list[str]:
    """What staff must mend so that every choice of the form has exactly one destination, in
    French.
    """
    found = [
        f"Le département {department} n’a pas de délégation."
        for department in departments
        if department.selectable and department.delegation is None
    ]
    found += [
        f"La branche «\u00a0{branch.label}\u00a0» n’a pas de DGA."
        for branch in branches
        if branch.selectable and branch.dga is None
    ]
    if fallback_dga is None:
        found.append("Aucune DGA ne reçoit les demandes des CFA et des organismes de formation.")
    return found
