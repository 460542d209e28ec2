"""What an OPCO agent may do, and on whose requests.

The table is code: a role is reviewed with the code that it opens, and no group row can drift from
it.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.staff.models import StaffMember
from accounts.people.models import User

_REFERENCE: Final = (
    "admissionrule",
    "branch",
    "branchproposal",
    "delegation",
    "department",
    "dga",
    "profile",
    "roletext",
)
_HELD: Final = ("platform", "servicerule", "establishment", "access")
_REGISTRY: Final = ("platform", "servicerule", "apitoken")


def _list_codenames(app: str, models: tuple[str, ...], *verbs: str) -> frozenset[str]:
    return frozenset(f"{app}.{verb}_{model}" for model in models for verb in verbs)


_TEXTS: Final = ("refusalreason", "askingtemplate")
# What a délégation's or DGA's agent needs at the desk. Lists of people, mails and the journal are
# not scoped: not for them.
_REVIEWER: Final = (
    _list_codenames("habilitations", _REFERENCE, "view")
    | _list_codenames("habilitations", ("establishment", "access"), "view")
    | _list_codenames("habilitations", ("access",), "add", "change")
    | _list_codenames("habilitations", ("establishment",), "add")
    | _list_codenames("registrations", ("request",), "view", "change")
    | _list_codenames("registrations", ("requestevent", *_TEXTS, "accessreview"), "view")
    | _list_codenames("registrations", ("invitation",), "view")
)
_AUDITOR: Final = (
    _list_codenames("habilitations", (*_REFERENCE, *_HELD, "apitoken", "staffmember"), "view")
    | _list_codenames("cas", ("logoutdelivery", "logoutlane"), "view")
    | _list_codenames("registrations", ("request", "requestevent", *_TEXTS), "view")
    | _list_codenames("registrations", ("accessreview", "invitation", "knowncontact"), "view")
    | _list_codenames("legal", ("termsversion", "termsacceptance", "termsrequest"), "view")
    | _list_codenames("profile", ("rightsrequest",), "view")
    | _list_codenames("accounts", ("user", "allowedaddress", "blockedperson"), "view")
    | _list_codenames("journal", ("entry", "detail"), "view")
    | _list_codenames("outbox", ("mail",), "view")
    | _list_codenames("jobs", ("jobrun",), "view")
    | _list_codenames("lifecycle", ("lifecyclecase", "lifecyclerun", "hold", "ledgerentry"), "view")
    | _list_codenames("lifecycle", ("review", "staffproposal"), "view")
)
# Rights requests, and what is held about who makes them; not the desk's requests.
_DPO: Final = (
    _list_codenames("profile", ("rightsrequest",), "view", "add", "change")
    | _list_codenames("legal", ("termsrequest",), "view", "change")
    | _list_codenames("legal", ("termsversion", "termsacceptance"), "view")
    | _list_codenames("accounts", ("user", "blockedperson"), "view")
    | _list_codenames("journal", ("entry", "detail"), "view")
    | _list_codenames("outbox", ("mail",), "view")
)
_NATIONAL: Final = (
    _AUDITOR
    | _DPO
    | _REVIEWER
    | _list_codenames("habilitations", (*_REFERENCE, "staffmember"), "add", "change", "delete")
    | _list_codenames("habilitations", (*_REGISTRY, "access"), "add", "change")
    | _list_codenames("habilitations", ("servicerule",), "delete")
    | _list_codenames("registrations", _TEXTS, "add", "change", "delete")
    | _list_codenames("legal", ("termsversion",), "add", "change", "delete")
    | _list_codenames("accounts", ("allowedaddress",), "add", "change", "delete")
    | _list_codenames("accounts", ("blockedperson",), "add", "delete")
    | _list_codenames("outbox", ("mail",), "change")
    | _list_codenames("jobs", ("jobrun",), "change")
    | _list_codenames("outbox", ("mailtext",), "view", "change")
)
PERMISSIONS: Final[dict[str, frozenset[str]]] = {
    StaffRole.NATIONAL: _NATIONAL,
    StaffRole.REVIEWER: _REVIEWER,
    StaffRole.AUDITOR: _AUDITOR,
    StaffRole.DPO: _DPO,
}
_KEPT: Final = "_staff_role"


@dataclass(frozen=True, slots=True)
class Staff:
    """An agent's role and the délégations and DGAs whose requests they see."""

    role: StaffRole
    delegation_ids: frozenset[int] = frozenset()
    dga_ids: frozenset[int] = frozenset()

    @property
    def sees_everything(self) -> bool:
        return self.role in (StaffRole.NATIONAL, StaffRole.AUDITOR)


def get_staff(user: User | AnonymousUser | Any) -> Staff | None:
    """The agent that `user` is, or None.

    Read once and kept on the user object, which lives as long as the request: no query for those
    who are not staff, one for the others. An account that is not active is nobody's agent.
    """
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return None
    if user.is_superuser:
        return Staff(StaffRole.NATIONAL)
    # By attribute, not by `__dict__`: `request.user` is a lazy proxy with a dictionary of its own.
    if not hasattr(user, _KEPT):
        setattr(user, _KEPT, _read_staff(user))
    found: Staff | None = getattr(user, _KEPT)
    return found


def forget_cached_staff(user: User) -> None:
    """Read `user`'s role again the next time: it has just changed."""
    if hasattr(user, _KEPT):
        delattr(user, _KEPT)


def _read_staff(user: User) -> Staff | None:
    """One line for each délégation with each DGA of theirs: a reviewer has a few at most."""
    member = StaffMember.objects.filter(user=user)
    lines = list(member.values_list("role", "delegations", "dgas"))
    if not lines:
        return None
    role = StaffRole(lines[0][0])
    if role != StaffRole.REVIEWER:
        return Staff(role)
    return Staff(
        role,
        frozenset(filter(None, (delegation for _, delegation, _ in lines))),
        frozenset(filter(None, (dga for _, _, dga in lines))),
    )


def may_read(staff: Staff | None) -> bool:
    """Whether the desk is open to `staff` at all."""
    return staff is not None and staff.role != StaffRole.DPO


def may_decide(staff: Staff | None) -> bool:
    """Whether `staff` takes, approves and refuses requests (of their scope)."""
    return staff is not None and staff.role in (StaffRole.NATIONAL, StaffRole.REVIEWER)


def may_configure(staff: Staff | None) -> bool:
    """Whether `staff` edits the tables, the terms and the other agents."""
    return staff is not None and staff.role == StaffRole.NATIONAL


def may_see_request(staff: Staff | None, *, delegation_id: int | None, dga_id: int | None) -> bool:
    """Whether a request routed there is in the scope of `staff`: its délégation or its DGA.

    An unrouted request is seen by those who see everything: that is the visible queue of R49.
    """
    if staff is None:
        return False
    return staff.sees_everything or delegation_id in staff.delegation_ids or dga_id in staff.dga_ids


def filter_by_scope(
    staff: Staff | None, *, delegation: str = "delegation_id", dga: str = "dga_id"
) -> Q:
    """The rule of `may_see_request` as a filter on two fields; nothing for who is not staff."""
    if staff is None:
        return Q(pk__in=())
    if staff.sees_everything:
        return Q()
    return Q(**{f"{delegation}__in": staff.delegation_ids}) | Q(**{f"{dga}__in": staff.dga_ids})
