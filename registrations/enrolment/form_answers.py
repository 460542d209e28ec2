"""The validated answers of the enrolment form."""

from dataclasses import dataclass

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.reference.models import Branch, Department, Profile


@dataclass(frozen=True, slots=True)
class RequestAnswers:
    """One person's answers. `siret` is 14 digits, `phone` is E.164.

    A company has a branch and a profile. The other types have no branch, and the default
    profile of their type, if there is one.
    """

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
        if self.kind == EstablishmentKind.CABINET_COMPTABLE:
            raise ValueError("an accounting firm makes no request")
        if self.kind == EstablishmentKind.ENTREPRISE:
            if self.branch is None or self.profile is None:
                raise ValueError("a company needs a branch and a profile")
        elif self.branch is not None:
            raise ValueError("only a company has a branch")
