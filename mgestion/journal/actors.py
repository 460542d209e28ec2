"""Who acts. The toolbox knows people by their public id only."""

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
