"""What the platform holds: its people and their rights, open sessions, and what it was told.

In memory only: a platform of the demo forgets everything when it stops. What it does with each
kind of change is what docs/api.md asks of a platform.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mgestion.launch.demo_platform.portal import Arrival
from mgestion.launch.demo_platform.wording import format_siret, get_role_label

MOST_VISITS: Final = 200
MOST_LINES: Final = 30


@dataclass(frozen=True, slots=True)
class Right:
    """A role for an establishment."""

    role: str
    siret: str
    establishment: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that the portal told of a person."""

    at: datetime
    title: str
    text: str
    closes: bool = False


@dataclass(slots=True)
class Person:
    """Somebody whom the portal told of. `rights`: by the identifier of the access."""

    active: bool = True
    rights: dict[str, Right] = field(default_factory=dict)
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=MOST_LINES))


@dataclass(slots=True)
class Visit:
    """A session that a ticket opened; kept after its end, so that its browser is told why."""

    ticket: str
    subject: str
    attributes: tuple[tuple[str, str], ...]
    is_open: bool = True


class Memory:
    """Thread-safe. Each method is one change, or a copy of what is held."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: dict[str, Person] = {}
        self._visits: dict[str, Visit] = {}

    # --- sessions ---

    def open_visit(self, ticket: str, arrival: Arrival, now: datetime) -> str:
        """A new session; its key, for the cookie."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._visits) >= MOST_VISITS:
                del self._visits[next(iter(self._visits))]
            self._visits[key] = Visit(ticket, arrival.subject, arrival.attributes)
            self._write_line(
                arrival.subject,
                Line(
                    now,
                    "Connexion unique",
                    "Le portail a confirmé le ticket\u00a0: la session s’ouvre.",
                ),
            )
        return key

    def close_visit(self, ticket: str, now: datetime) -> bool:
        """Single logout: ends the session that `ticket` opened. Whether there was one."""
        with self._lock:
            found = [visit for visit in self._visits.values() if visit.ticket == ticket]
            for visit in found:
                visit.is_open = False
                self._write_line(
                    visit.subject,
                    Line(
                        now,
                        "Déconnexion unique",
                        "Le portail a demandé de fermer la session\u00a0: c’est fait.",
                        closes=True,
                    ),
                )
        return bool(found)

    def find_visit(self, key: str) -> tuple[Visit, Person] | None:
        """The session of a cookie, and its person; None for an unknown one."""
        with self._lock:
            visit = self._visits.get(key)
            if visit is None:
                return None
            person = self._people.get(visit.subject) or Person()
            return (
                Visit(visit.ticket, visit.subject, visit.attributes, visit.is_open),
                Person(person.active, dict(person.rights), deque(person.lines)),
            )

    # --- what the portal tells ---

    def learn_people(self, people: Iterable[Mapping[str, Any]]) -> None:
        """The first synchronisation."""
        with self._lock:
            for told in people:
                person = self._get_person(told["subject"])
                person.active = told["active"]
                for right in sorted(told["habilitations"], key=lambda right: right["granted_at"]):
                    person.rights[right["id"]] = _read_right(right)
                    at = datetime.fromisoformat(right["granted_at"])
                    person.lines.append(_build_granted_line(at, person.rights[right["id"]]))

    def apply_changes(self, changes: Iterable[Mapping[str, Any]]) -> None:
        with self._lock:
            for change in changes:
                self._apply_change(change, datetime.fromisoformat(change["at"]))

    def _apply_change(self, change: Mapping[str, Any], at: datetime) -> None:
        subject, access, held = change["subject"], change["access"], change["habilitation"]
        person = self._get_person(subject)
        match change["kind"]:
            case "granted" | "changed" if held is not None:
                right = person.rights[held["id"]] = _read_right(held)
                line = _build_granted_line(at, right)
                if change["kind"] == "changed":
                    line = Line(at, "Rôle modifié", line.text)
                self._write_line(subject, line)
            case "ended" if access is not None:
                unknown = Right(access["role"] or "", access["siret"] or "", "")
                right = person.rights.pop(access["id"], unknown)
                last = not person.rights
                after = " Il n’en reste aucun\u00a0: la session se ferme." if last else ""
                text = f"{_describe_right(right)}.{after}"
                self._write_line(subject, Line(at, "Accès terminé", text, closes=last))
                if last:
                    self._close_visits(subject)
            case "disabled":
                person.active = False
                text = (
                    "Personne n’entre plus avec lui, et la session se ferme. Les droits sont gardés"
                    "\u00a0: le compte peut revenir."
                )
                self._write_line(subject, Line(at, "Compte fermé pour l’instant", text, True))
                self._close_visits(subject)
            case "enabled":
                person.active = True
                text = "Il revient avec les droits qu’il avait."
                self._write_line(subject, Line(at, "Compte rouvert", text))
            case "identity":
                text = "Une adresse ou un nom transmis à cette plateforme a changé."
                self._write_line(subject, Line(at, "Identité modifiée", text))
            case "erased":
                self._forget_person(subject, at)

    def _forget_person(self, subject: str, at: datetime) -> None:
        self._people[subject] = Person(active=False)
        for visit in self._visits.values():
            if visit.subject == subject:
                visit.is_open, visit.attributes = False, ()
        text = "Cette plateforme a effacé ce qu’elle savait d’elle."
        self._write_line(subject, Line(at, "Personne effacée", text, closes=True))

    def _close_visits(self, subject: str) -> None:
        for visit in self._visits.values():
            if visit.subject == subject:
                visit.is_open = False

    def _write_line(self, subject: str, line: Line) -> None:
        self._get_person(subject).lines.append(line)

    def _get_person(self, subject: str) -> Person:
        return self._people.setdefault(subject, Person())


def _read_right(told: Mapping[str, Any]) -> Right:
    return Right(told["role"], told["siret"], told["establishment"])


def _build_granted_line(at: datetime, right: Right) -> Line:
    return Line(at, "Accès accordé", f"{_describe_right(right)}.")


def _describe_right(right: Right) -> str:
    place = right.establishment or f"le SIRET {format_siret(right.siret)}"
    return f"{get_role_label(right.role)}, pour {place}"
