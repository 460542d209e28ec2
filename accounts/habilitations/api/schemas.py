"""What goes in and out. Sizes are bounded; an unknown field is an error, not a wish."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from accounts.habilitations.api.activity_push import MOST

Address = Annotated[
    str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")
]


class Named(Schema):
    """A person: by the identifier that tickets carry (preferred), or by e-mail address."""

    model_config = ConfigDict(extra="forbid")
    subject: UUID | None = None
    email: Address | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Named":
        if (self.subject is None) == (self.email is None):
            raise ValueError("Give «\u00a0subject\u00a0» or «\u00a0email\u00a0», one of them.")
        return self


class ActivityItem(Named):
    at: AwareDatetime = Field(description="With its offset. Not in the future.")


class ActivityIn(Schema):
    model_config = ConfigDict(extra="forbid")
    items: Annotated[list[ActivityItem], Field(min_length=1, max_length=MOST)]


class ActivityResult(Schema):
    index: int
    status: Literal[200, 404, 409, 422]
    code: Literal[
        "recorded",
        "unchanged",
        "revived",
        "unknown_person",
        "account_not_active",
        "future_date",
        "ancient_date",
    ]


class ActivityOut(Schema):
    recorded: int
    failed: int
    results: list[ActivityResult]


class SearchIn(Named):
    pass


class HabilitationOut(Schema):
    id: UUID = Field(description="The access, as the feed names it.")
    role: str
    siret: str
    establishment: str
    kind: str
    department: str
    branch: str | None
    granted_at: datetime


class PersonOut(Schema):
    """`active` false: the account exists and may not be used now. `email` if it is released;
    `identity`: what is released of who the person is, by the names that tickets carry.
    """

    subject: UUID
    active: bool
    email: str | None
    identity: dict[str, str]
    habilitations: list[HabilitationOut]


class PeopleOut(Schema):
    """`next`: null on the last page. `changes`: where to follow the feed from, that of the first
    page.
    """

    people: list[PersonOut]
    next: UUID | None
    changes: int


class AccessOut(Schema):
    """Which access a line is about: its identifier and what it was then. `siret`, `kind` and `role`
    are null once the person is erased; `role` also in lines from before lines told it.
    """

    id: UUID
    siret: str | None
    kind: str | None
    role: str | None


class ChangeOut(Schema):
    """`access`: the one that was granted, changed or ended; null for a line about the account.
    `habilitation`: that access as it is now, null once it is ended or its person erased.
    `identity`: the released values as they are now, with kinds `granted` and `identity`.
    """

    number: int
    at: datetime
    kind: Literal["granted", "changed", "ended", "erased", "disabled", "enabled", "identity"]
    subject: UUID
    access: AccessOut | None
    habilitation: HabilitationOut | None
    identity: dict[str, str] | None


class ChangesOut(Schema):
    changes: list[ChangeOut]
    next: int
    more: bool
