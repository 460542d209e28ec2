"""What people read is French, and a deadline says that it is Paris time (R135)."""

import re
from pathlib import Path

import pytest

from accounts.leaving.emails import format_until
from mgestion.text.dates import french_moment
from tests.factories.people import NOW
from tests.ground.test_typography import template_texts

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path for kind in ("html", "txt", "md") for path in (ROOT / "templates").rglob(f"*.{kind}")
)
# Words of English that no French sentence of ours holds.
ENGLISH = re.compile(
    r"\b(?:the|your|please|password|submit|save|delete|click|here|sign in|log in|account|field"
    r"|required|welcome|error|page not found|access denied|loading)\b",
    re.IGNORECASE,
)
# A last day or hour that is put in a sentence.
DEADLINE = re.compile(
    r"(?:jusqu’au|au plus tard(?: le)?|d’ici(?: le| au)?|échéance(?: :)?|avant le)[\s\u00a0]*"
    r"(?:<\w+[^>]*>)?\{\{"
)
# Said by what writes the value, or by the framed deadline of a mail.
SAYS_PARIS = re.compile(
    r"heure de Paris|\|french_moment|\{\{ until \}\}|\{\{ expires_at \}\}|deadline_text"
)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.req("R135")
def test_pages_and_mails_hold_no_english_word() -> None:
    wrong = [
        f"{_name(path)}: {text.strip()[:80]}"
        for path in TEMPLATES
        for text in template_texts(path.read_text(encoding="utf-8"))
        if ENGLISH.search(re.sub(r"\S+@\S+|https?://\S+", "", text))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.req("R135")
def test_every_whole_page_says_that_it_is_french() -> None:
    whole = [path for path in TEMPLATES if "<html" in path.read_text(encoding="utf-8")]
    assert len(whole) >= 3
    for path in whole:
        assert '<html lang="fr"' in path.read_text(encoding="utf-8"), _name(path)


@pytest.mark.req("R135")
def test_a_template_that_prints_a_deadline_says_paris_time() -> None:
    found = [
        path
        for path in TEMPLATES
        if not _name(path).startswith("admin/")
        and DEADLINE.search(path.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 8
    silent = [
        _name(path) for path in found if not SAYS_PARIS.search(path.read_text(encoding="utf-8"))
    ]
    assert not silent, silent


@pytest.mark.req("R135", "S57")
def test_what_writes_a_deadline_says_paris_time() -> None:
    assert french_moment(NOW).endswith("(heure de Paris)")
    assert format_until(NOW.date()).endswith("(heure de Paris)")


@pytest.mark.req("R135")
def test_pages_and_mails_of_people_call_the_double_authentification_by_one_name() -> None:
    """The desk and the journal of agents have words of their own."""
    told = [path for path in TEMPLATES if not _name(path).startswith("admin/")]
    words = [(_name(path), path.read_text(encoding="utf-8")) for path in told]
    words += [
        (name, (ROOT / name).read_text(encoding="utf-8"))
        for name in ("accounts/entry/change_emails.py", "accounts/entry/personal_data.py")
    ]
    assert any("double authentification" in text for _, text in words)
    other = re.compile(r"seconds? facteurs?", re.IGNORECASE)
    wrong = [name for name, text in words if other.search(text)]
    assert not wrong, wrong
