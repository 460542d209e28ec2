"""The tables of this application, for Django; each is defined in its package."""

from accounts.habilitations.accesses.models import (
    Access,
    AccessChange,
    Establishment,
    EstablishmentWord,
    PlatformActivity,
)
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.platforms.models import AdmissionRule, Platform, RoleText, ServiceRule
from accounts.habilitations.reference.models import (
    Branch,
    BranchProposal,
    Delegation,
    Department,
    Dga,
    Profile,
)
from accounts.habilitations.staff.models import StaffMember

__all__ = [
    "Access",
    "AccessChange",
    "AdmissionRule",
    "ApiToken",
    "Branch",
    "BranchProposal",
    "Delegation",
    "Department",
    "Dga",
    "Establishment",
    "EstablishmentWord",
    "Platform",
    "PlatformActivity",
    "Profile",
    "RoleText",
    "ServiceRule",
    "StaffMember",
]
