"""The texts of mails, by the national administrator: checked, previewed, kept, taken back."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.habilitations.enums import StaffRole
from mgestion import slots
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.catalogue import texts
from mgestion.outbox.catalogue.checking import build_sample_content, find_problems
from mgestion.outbox.catalogue.kinds import MailKind
from mgestion.outbox.catalogue.rendering import MailSource, read_original_source
from mgestion.outbox.home import list_outbox_notices
from mgestion.outbox.models import MailText
from mgestion.outbox.sending.delivery import prepare_message
from tests.factories.habilitations import NOW, make_staff
from tests.outbox.kinds import put

pytestmark = pytest.mark.django_db
CODE = "lifecycle.closed"
PAGE = f"/admin/outbox/mailtext/{CODE}/"
WHY = "\n\n## Pourquoi ce message\n\nVous l’avez demandé."
TEXT = "Votre compte a été **effacé** le {{ closed_on }}." + WHY


def kind_of(code: str = CODE) -> MailKind:
    return slots.mail_kinds[code]


@pytest.fixture
def agent() -> Any:
    return make_staff(StaffRole.NATIONAL)


@pytest.fixture
def desk(client: Client, agent: Any) -> Client:
    client.force_login(agent)
    return client


def change(agent: Any, body: str = TEXT, *, seen: int = 0, subject: str = "C’est fait") -> MailText:
    source = MailSource(subject, body)
    return texts.change_mail_text(kind_of(), source, seen=seen, actor=Actor.staff(agent), now=NOW)


def test_the_list_names_every_mail_by_room_and_marks_what_is_changed(
    desk: Client, agent: Any
) -> None:
    page = desk.get("/admin/outbox/mailtext/").text
    kinds = [kind for kind in slots.mail_kinds.values() if kind.room != "tests"]
    assert all(f"/admin/outbox/mailtext/{kind.code}/" in page for kind in kinds)
    assert "<strong>Modifié</strong>" not in page
    change(agent)
    page = desk.get("/admin/outbox/mailtext/").text
    assert page.count("<strong>Modifié</strong> le mardi 17 mars 2026") == 1
    assert "C’est fait" in page


def test_a_text_is_previewed_without_a_write_then_saved_and_sent(desk: Client, agent: Any) -> None:
    said = {"subject": "C’est fait", "body": TEXT.replace("\n", "\r\n"), "seen": "0"}
    page = desk.post(PAGE, {**said, "step": "preview"}).text
    assert "Votre compte a été effacé le mardi 17 mars 2026." in page
    assert not MailText.objects.exists()
    assert desk.post(PAGE, {**said, "step": "save"}).status_code == 302
    row = MailText.objects.get()
    assert (row.subject, row.body, row.number, row.written_by) == (
        "C’est fait",
        TEXT,
        1,
        agent.public_id,
    )
    message = texts.render_mail(kind_of(), build_sample_content(kind_of()))
    assert message.subject == "C’est fait"
    assert "Votre compte a été effacé le mardi 17 mars 2026." in message.text
    assert "<strong>effacé</strong>" in message.html
    entry = Entry.objects.get(act="mail_text.changed")
    assert (entry.actor, entry.reason) == (str(agent.public_id), CODE)
    page = desk.get(PAGE).text
    assert "Texte modifié</strong> par" in page and str(agent) in page
    assert "<ins>" in page and "<del>" in page


@pytest.mark.foreign_html
def test_the_preview_is_the_mail_as_it_leaves_under_a_policy_that_only_shows_it(
    desk: Client, agent: Any
) -> None:
    said = {"subject": "C’est fait", "body": TEXT, "seen": "0"}
    response = desk.post(f"{PAGE}apercu/", said)
    assert "script" not in response["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert not MailText.objects.exists()
    change(agent)
    assert response.text == texts.render_mail(kind_of(), build_sample_content(kind_of())).html
    assert desk.post(f"{PAGE}apercu/", {**said, "body": "{{ x"}).status_code == 400


WRONG = (
    ("C’est fait", TEXT.replace("closed_on", "closed"), "{{ closed }}"),
    ("C’est fait", "Votre compte a été effacé." + WHY, "{{ closed_on }}"),
    ("C’est fait", TEXT.replace("}}", "}"), "accolades"),
    ("C’est fait", TEXT + "{% if closed_on %}", "endif"),
    ("C’est fait", TEXT + "{% include 'x' %}", "include"),
    ("C’est fait", TEXT + "{% if password %}x{% endif %}", "password"),
    ("C’est fait", TEXT + "{{ closed_on.year }}", "closed_on.year"),
    ("C’est fait", TEXT + "{{ closed_on|upper }}", "closed_on|upper"),
    (
        "C’est fait",
        TEXT.replace("{{ closed_on }}", "{% if closed_on %}{{ closed_on }}{% endif %}"),
        "hors de toute condition",
    ),
    ("C’est fait", TEXT + "\n\n## Autre\n\nx", "## Autre"),
    ("C’est fait", TEXT + WHY, "deux fois"),
    ("C’est fait", "Le {{ closed_on }}.", "Pourquoi ce message"),
    ("C’est fait", TEXT + "<b>x</b>", "HTML"),
    ("C’est fait", TEXT + "[x](http://evil.example)", "https://"),
    ("C’est fait", TEXT + "[x](javascript:alert(1))", "https://"),
    ("x" * 71, TEXT, "70"),
    ("", TEXT, "Objet"),
)


def test_a_wrong_text_is_refused_in_french_and_what_was_typed_is_kept(desk: Client) -> None:
    for subject, body, words in WRONG:
        page = desk.post(PAGE, {"subject": subject, "body": body, "seen": "0", "step": "save"})
        assert page.status_code == 200, words
        shown = unescape(page.text)
        assert words in shown.partition("errornote")[2].partition("</ul>")[0]
        assert body.strip() in shown, words
        assert "script" not in page["Content-Security-Policy"]
    assert not MailText.objects.exists()


def test_the_link_of_a_mail_is_mandatory_and_is_a_link() -> None:
    kind = kind_of("entry.reset")
    source = read_original_source(kind.template)
    without = MailSource(
        source.subject, source.body.replace("({{ action_url }})", "(https://a.fr)")
    )
    assert any("action_url" in problem for problem in find_problems(kind, without))
    bare = MailSource(source.subject, "{{ action_url }}\n\n" + source.body)
    assert any(
        "[mots du lien]({{ action_url }})" in problem for problem in find_problems(kind, bare)
    )


def test_the_original_text_comes_back_and_the_history_stays(desk: Client, agent: Any) -> None:
    change(agent)
    assert desk.post(PAGE, {"step": "restore", "seen": "1"}).status_code == 302
    assert texts.get_current_source(kind_of()) == read_original_source(kind_of().template)
    assert Entry.objects.filter(act="mail_text.restored", reason=CODE).exists()
    page = desk.get(PAGE).text
    assert "Retour au texte d’origine</strong>" in page and "Texte modifié</strong>" in page
    with pytest.raises(WrongState):
        texts.restore_original_text(kind_of(), seen=2, actor=Actor.staff(agent), now=NOW)
    assert MailText.objects.count() == 2


def test_of_two_at_once_the_second_is_told_and_loses_nothing(desk: Client, agent: Any) -> None:
    change(agent)
    with pytest.raises(WrongState):
        change(agent)
    said = {"subject": "Le mien", "body": TEXT, "seen": "0", "step": "save"}
    page = desk.post(PAGE, said).text
    assert "modifié entre-temps" in page and "Le mien" in page
    assert 'name="seen" value="1"' in page
    assert desk.post(PAGE, {**said, "seen": "1"}).status_code == 302


def test_a_verb_refuses_a_text_that_does_not_hold(agent: Any) -> None:
    with pytest.raises(Refused):
        change(agent, "Sans rien.")
    assert not MailText.objects.exists()


def test_a_text_that_no_longer_holds_gives_way_to_the_original_and_staff_are_told() -> None:
    """As after a release that names things otherwise."""
    row = MailText.objects.create(
        kind="tests.plain",
        number=1,
        subject="Ancien",
        body="Le {{ gone }}." + WHY,
        written_by="00000000-0000-0000-0000-000000000001",
        written_at=NOW,
    )
    message = prepare_message(put(now=NOW), NOW)
    assert message is not None and message.subject == "Votre demande d’accès à M-Gestion"
    row.refresh_from_db()
    assert row.failed_at == NOW
    (line,) = list_outbox_notices(NOW)
    assert (line.label, line.value) == ("Textes d’e-mails à corriger", "1")
