"""Every act that the code records has a French name, and the staff read that name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from django.db.models import TextChoices
from django.test import Client
from django.urls import reverse

from accounts.enums import DeactivationReason
from accounts.habilitations.enums import EndReason, Role, StaffRole
from accounts.legal.models import TermsAcceptance
from accounts.profile.enums import Right
from lifecycle.enums import Cause, HoldReason, ReviewKind
from mgestion import slots
from mgestion.journal import flows
from mgestion.journal.actors import Actor
from mgestion.journal.acts import (
    detail_lines,
    label,
    labels,
    object_label,
    reason_label,
    reasons,
)
from mgestion.journal.models import Entry
from tests.factories.habilitations import make_staff

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("accounts", "lifecycle", "mgestion", "registrations")
# The functions through which an act gets to the journal. `_tell`, `_note`… are a room's own; the
# act is the first of their arguments that is a text.
WRITERS = {
    "record",
    "record_apart",
    "_tell",
    "_tell_all",
    "_note",
    "_record",
    "record_act",
    "_move_on",
}
TELLING = ROOT / "accounts/entry/flows"  # where `tell` is one of them; elsewhere it tells people
# Whose act is made of a word given to the function: the family, and the files with the words.
FAMILIES = {
    "factor": ("accounts/entry/flows/factor.py", "accounts/entry/flows/passkey.py"),
    "reference": ("accounts/habilitations/admin",),
    "allowed_address": ("accounts/admin.py",),
}
# Their `reason` is not the journal's: why a session or a procedure ended, why an entry of the
# inventory is as it is, what a page says.
NOT_JOURNALED = {
    "Hold",
    "JSONObject",
    "PersonalData",
    "end_all",
    "end_one",
    "end_record",
    "entry",
    "grant",  # the agent's words
    "log_out",
    "suspend_access",  # the agent's words
}
BY_ENUM = {"request"}  # named by the labels of `registrations.enums.Act`


def files(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def texts(node: ast.AST) -> list[str]:
    """The texts that an argument may be: « x » if so else « y » is two."""
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


def calls(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """(function, the argument that is or holds a text), for each call of a writer."""
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        told = name == "tell" and path.is_relative_to(TELLING)
        if name not in WRITERS and name != "_journal" and not told:
            continue
        named = [keyword.value for keyword in node.keywords if keyword.arg == "act"]
        for argument in named or node.args:
            if isinstance(argument, ast.Constant | ast.IfExp | ast.JoinedStr) and texts(argument):
                yield name, argument
                break


@cache
def recorded() -> set[str]:
    """Every act written in the code, in full."""
    found: set[str] = set()
    for path in files(*ROOMS):
        for _, argument in calls(path):
            if isinstance(argument, ast.JoinedStr):
                family = texts(argument)[0].removesuffix(".")
                if family in BY_ENUM:
                    continue
                assert family in FAMILIES, (
                    f"{path}: say in FAMILIES where {family}.* get their word"
                )
                for place in files(*FAMILIES[family]):
                    for _, given in calls(place):
                        if not isinstance(given, ast.JoinedStr):
                            words = [word for word in texts(given) if "." not in word]
                            found |= {f"{family}.{word}" for word in words}
            else:
                found |= {text for text in texts(argument) if "." in text}
        for node in ast.walk(tree_of(path)):  # rows written by set
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "act":
                        found |= {text for text in texts(value) if "." in text}
    return found


def test_every_recorded_act_has_a_french_name() -> None:
    acts = recorded()
    assert {"platform.refused", "account.erased", "factor.reset", "staff.changed"} <= acts
    assert acts - labels().keys() == set(), "name them in the `acts.py` of their room"


def test_no_name_is_left_of_an_act_that_nothing_records() -> None:
    named = {act for act in labels() if "." in act and act.partition(".")[0] not in BY_ENUM}
    assert named - recorded() == set()


def reason_codes() -> set[str]:
    """Every reason or cause that the code writes as a text."""
    found: set[str] = set()
    for path in files(*ROOMS):
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [word.value for word in node.keywords if word.arg in ("reason", "cause")]
            if name in ("refuse", "_journal_refusal"):
                given = [one for one in node.args if isinstance(one, ast.Constant)]
            elif name == "deactivate_idle" or name in NOT_JOURNALED:
                continue
            found |= {
                text
                for one in given
                if isinstance(one, ast.Constant | ast.IfExp)
                for text in texts(one)
                if text and not isinstance(one, ast.JoinedStr)
            }
    return found


def test_every_reason_has_french_words() -> None:
    codes = reason_codes()
    assert {"new_device", "second_factor", "never_completed", "request_reopened"} <= codes
    named = {code for family in reasons().values() for code in family}
    assert codes - named == set(), "name them in the `acts.py` of their room"


def test_every_mail_has_french_words() -> None:
    """« E-mail remis en file » says which."""
    kinds = {kind for kind, _ in slots.mail_kinds.items() if not kind.startswith("tests.")}
    assert kinds - reasons()["mail"].keys() == set(), "name them in the `acts.py` of their room"


@pytest.mark.parametrize(
    ("family", "choices"),
    [
        ("account", DeactivationReason),
        ("account", Cause),
        ("block", DeactivationReason),
        ("access", DeactivationReason),
        ("access", EndReason),
        ("rights", Right),
        ("lifecycle", HoldReason),
        ("review", ReviewKind),
        ("request", Role),
        ("terms", TermsAcceptance.Where),
    ],
)
def test_the_reasons_of_a_list_are_named_as_the_list_does(
    family: str, choices: type[TextChoices]
) -> None:
    assert {choice.value: str(choice.label) for choice in choices}.items() <= reasons()[
        family
    ].items()


def test_a_detail_is_read_line_by_line_in_french() -> None:
    said = {
        "ip": "192.0.2.1",
        "factor": "application",
        "before": {"last_name": "Martin", "phone": ""},
        "fields": ["siret"],
        "unheard_of": 3,
        "new": None,
    }
    assert detail_lines(said) == [
        "adresse IP\u00a0: 192.0.2.1",
        "double authentification\u00a0: application de codes",
        "avant\u00a0: nom\u00a0: Martin",
        "champs corrigés\u00a0: SIRET",
        "unheard_of\u00a0: 3",
    ]
    assert object_label("servicerule") != "servicerule"
    assert object_label("blocked_person") == "adresse bloquée"


def test_every_family_has_a_name_and_each_act_its_own() -> None:
    acts = [act for act in labels() if "." in act]
    assert {act.partition(".")[0] for act in acts} <= labels().keys()
    assert len({labels()[act] for act in acts}) == len(acts)


@pytest.mark.django_db
def test_the_list_says_it_in_french_and_is_filtered_by_act_and_person(client: Client) -> None:
    client.force_login(make_staff(StaffRole.AUDITOR))
    person, now = uuid4(), datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
    actor = Actor.system("tests")
    flows.record("platform.refused", actor=actor, person=person, object_id="une", now=now)
    flows.record(
        "login.refused", actor=actor, person=uuid4(), object_id="autre", reason="mismatch", now=now
    )
    url = reverse("admin:journal_entry_changelist")
    page = client.get(url).content.decode()
    assert label("platform.refused") in page
    assert "platform.refused" not in page
    assert reason_label("login.refused", "mismatch") in page and "mismatch" not in page
    for query in (
        {"acte": "platform.refused"},
        {"domaine": "platform", "acte": "platform.refused"},
        {"q": str(person)},
        {"q": "platform.refused"},
    ):
        page = client.get(url, query).content.decode()
        assert ">une<" in page, query
        assert ">autre<" not in page, query
    assert client.get(url, {"q": "pas un identifiant"}).status_code == 200
    entry = reverse("admin:journal_entry_change", args=[Entry.objects.order_by("-id")[0].pk])
    assert "login.refused" in client.get(entry).content.decode()  # the code stays in the detail
