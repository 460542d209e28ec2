"""The validated answers of the enrolment form."""

from dataclasses import dataclass
from typing import Final

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department, Profile

# The answers that a request holds under the same name, and what they are called in its history.
ANSWERS: Final = {
    "last_name": "nom",
    "first_name": "prénom",
    "phone": "téléphone",
    "company_name": "raison sociale",
    "siret": "SIRET",
    "kind": "type d’établissement",
    "department": "département",
    "branch": "branche",
    "profile": "profil souhaité",
}


@dataclass(frozen=True, slots=True)
class RequestAnswers:
    """One person's answers. `siret` is 14 digits, `phone` is E.164.

    On M-Gestion, a company has a branch and a profile; the other types have no branch, and the
    default profile of their type, if there is one. The other platforms ask for a profile alone.
    """

    platform: Platform
    last_name: str
    first_name: str
    phone: str
    company_name: str
    siret: str
    kind: str
    department: Department
    branch: Branch | None = None
    profile: Profile | None = None

    def __post_init__(self) -> None:
        if self.platform.code not in MGESTION:
            if self.branch is not None:
                raise ValueError("only M-Gestion asks for a branch")
        elif self.kind in (EstablishmentKind.CABINET_COMPTABLE, EstablishmentKind.CABINET_RH):
            raise ValueError("M-Gestion takes no accounting or HR firm")
        elif self.kind == EstablishmentKind.ENTREPRISE:
            if self.branch is None or self.profile is None:
                raise ValueError("a company needs a branch and a profile")
        elif self.branch is not None:
            raise ValueError("only a company has a branch")
