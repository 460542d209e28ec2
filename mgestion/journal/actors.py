"""Authors of acts; people are known here by their public id only."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Person(Protocol):
    public_id: UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind`: person, staff, system, platform, anonymous. `ref`: public id, job, platform code."""

    kind: str
    ref: str = ""

    @property
    def agent_id(self) -> UUID | None:
        """The public id of an agent; None for everybody else."""
        return UUID(self.ref) if self.kind == "staff" else None

    @property
    def account_id(self) -> UUID | None:
        """The public id of an agent or of a person acting for themselves; None for programs."""
        return UUID(self.ref) if self.kind in ("staff", "person") and self.ref else None

    @classmethod
    def person(cls, user: Person) -> "Actor":
        return cls("person", str(user.public_id))

    @classmethod
    def staff(cls, user: Person) -> "Actor":
        return cls("staff", str(user.public_id))

    @classmethod
    def system(cls, name: str) -> "Actor":
        return cls("system", name)

    @classmethod
    def platform(cls, code: str) -> "Actor":
        return cls("platform", code)


ANONYMOUS = Actor("anonymous")
