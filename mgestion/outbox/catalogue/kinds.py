"""The catalogue of mails: each application lists its own in `MAILS` and registers them at start.

A kind of mail is a builder, which reads rows, and a text, which words what the builder read
(`templates/mail/<application>/<name>.md`, or what the national administrator wrote instead).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING

from mgestion import slots

if TYPE_CHECKING:
    from mgestion.outbox.models import Mail

# A tuple is a list of items, one to a line.
PlaceholderValue = str | int | bool | tuple[str, ...]


class ValueType(Enum):
    """How a value may stand in a text."""

    LINE = "une ligne"
    PARAGRAPHS = "plusieurs lignes"
    ITEMS = "une liste"
    LINK = "un lien"
    FLAG = "une condition"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{{ name }}` in a text. `label`: French, for who words the mail. A required one stands in
    every wording, outside of conditions.
    """

    name: str
    label: str
    sample: PlaceholderValue
    type: ValueType = ValueType.LINE
    required: bool = False


def line_value(name: str, label: str, sample: str, *, required: bool = False) -> Placeholder:
    return Placeholder(name, label, sample, required=required)


def paragraphs_value(name: str, label: str, sample: str, *, required: bool = False) -> Placeholder:
    return Placeholder(name, label, sample, ValueType.PARAGRAPHS, required)


def items_value(name: str, label: str, *sample: str) -> Placeholder:
    return Placeholder(name, label, sample, ValueType.ITEMS)


def link_value(name: str, label: str, path: str, *, required: bool = True) -> Placeholder:
    return Placeholder(name, label, f"https://portail.example.org{path}", ValueType.LINK, required)


def flag_value(name: str, label: str, *, sample: bool = True) -> Placeholder:
    """For `{% if name %}` only."""
    return Placeholder(name, label, sample, ValueType.FLAG)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the reader may ask. `about`: the subject of their message."""

    name: str
    email: str
    phone: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """What a builder read. `name`: whom the mail greets. `contact`: shown instead of the national
    one. `team`: who signs. `deadline`: the last day that this rendering announces, saved with the
    attempt. `secret`: what must not stay readable in the row, beside the keys of addresses.
    """

    to: str
    values: Mapping[str, PlaceholderValue] = field(default_factory=dict)
    name: str = ""
    contact: Contact | None = None
    team: str = ""
    reply_to: str = ""
    deadline: date | None = None
    secret: str = ""


Builder = Callable[["Mail", datetime], MailContent | None]


@dataclass(frozen=True, slots=True)
class MailKind:
    """`code`: `<app>.<name>`. `label`: French, in lower case. `build` reads and never writes; None
    when nothing is left to say. `awaited`: the reader waits for it before the screen, so that it
    leaves first. `before_sending` writes what the mail promises, just before each attempt.
    """

    code: str
    label: str
    build: Builder
    placeholders: tuple[Placeholder, ...] = ()
    awaited: bool = False
    before_sending: Callable[[Mail, datetime], None] | None = None

    @property
    def room(self) -> str:
        return self.code.partition(".")[0]

    @property
    def template(self) -> str:
        return f"mail/{self.code.replace('.', '/')}.md"

    @property
    def samples(self) -> dict[str, PlaceholderValue]:
        return {one.name: one.sample for one in self.placeholders}


def register_mails(kinds: Iterable[MailKind]) -> None:
    for kind in kinds:
        slots.mail_kinds.register(kind.code, kind)


def get_kind_labels(codes: Iterable[str]) -> dict[str, str]:
    """The code itself for a kind that the portal no longer sends."""
    known = slots.mail_kinds
    return {code: known[code].label if code in known else code for code in codes}
