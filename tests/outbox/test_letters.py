"""What holds for every letter of the portal, whichever room writes it (S56–S60)."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from mgestion.outbox import letters

MAIL = Path(__file__).resolve().parents[2] / "templates" / "mail"
SUBJECTS = sorted(MAIL.glob("*/*_subject.txt"))
_DAY = "mercredi 30 septembre 2026"
# The longest that each variable of a subject may be; a new variable says its own here.
LONGEST: dict[str, Any] = {
    "effective": _DAY,
    "last_day": _DAY,
    "until_short": f"jusqu’au {_DAY}",
    "place": SimpleNamespace(name="Transports et Carrosserie " * 6),
    "platform": "M-Transition Energétique",
    "reminder": True,
    "request": SimpleNamespace(reference="MG-WWWW-WWWW"),
    "state": SimpleNamespace(todo=99999, late=99999),
}


@pytest.mark.req("S56")
@pytest.mark.parametrize("path", SUBJECTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_subject_is_longer_than_70_whatever_it_names(path: Path) -> None:
    used = set(re.findall(r"{{ *(\w+)", path.read_text()))
    assert used <= set(LONGEST), f"say how long they may be: {used - set(LONGEST)}"
    template = str(path.relative_to(MAIL.parent)).removesuffix("_subject.txt")
    subject = " ".join(letters._plain(f"{template}_subject.txt", LONGEST).split("\n")).strip()  # noqa: SLF001
    assert 10 < len(subject) <= 70, f"{len(subject)}: {subject}"


@pytest.mark.req("S58", "S59")
@pytest.mark.parametrize("with_contact", [True, False])
def test_each_letter_opens_with_what_happened_and_says_whom_to_ask(with_contact: bool) -> None:
    context = {"greeting": "Bonjour,", "what": "Fait.", "changed_at": "lundi", "action_url": ""}
    if with_contact:
        context |= {"contact_name": "Ma délégation", "contact_email": "ici@example.org"}
    subject, text, html = letters.render("mail/entry/factor_changed", context)
    assert subject.endswith(" – OPCO Mobilités")
    assert f">{subject.removesuffix(' – OPCO Mobilités')}</h1>" in html
    for part in (text, html):
        assert ("Une question\u202f?" in part) is not with_contact
        assert (settings.CONTACT_EMAIL in part.partition("Cordialement")[2]) is not with_contact
        assert ("ici@example.org" in part) is with_contact
    assert "\n\n\n" not in text


@pytest.mark.req("S56")
@pytest.mark.parametrize("said", [{}, {"greeting": ""}, {"greeting": "Bonjour Ada Fictive,"}])
def test_each_letter_greets_by_name_when_there_is_one(said: dict[str, str]) -> None:
    _, text, html = letters.render("mail/lifecycle/closed", {"closed_on": "lundi", **said})
    words = said.get("greeting") or "Bonjour,"
    assert text.startswith(words)
    assert f">{words}</p>" in html
