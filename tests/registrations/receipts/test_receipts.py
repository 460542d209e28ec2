"""The receipt of a request as a PDF: the words of its page, for who may read them."""

import html
import json
import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.test import Client

from accounts.people.models import User
from registrations.receipts import receipt_drawer, receipt_pdf, views
from registrations.receipts.receipt_content import Receipt, ReceiptSection, build_receipt
from registrations.receipts.receipt_pdf import draw_receipt_pdf
from registrations.requests.enums import RequestOrigin
from registrations.requests.models import Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import client_of
from tests.factories.registrations import make_request
from tests.registrations.acting import in_state

pytestmark = pytest.mark.usefixtures("reference")


def _read(data: bytes) -> str:
    """The text of every page, its lines joined."""
    document = pypdfium2.PdfDocument(data)
    return _flatten(" ".join(page.get_textpage().get_text_range() for page in document))


def _flatten(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _lines(receipt: Receipt) -> list[str]:
    """What the receipt says, without its headings and the labels of its own."""
    lines = [receipt.reference, receipt.state]
    for section in receipt.sections:
        lines += [line for text in section.paragraphs for line in text.splitlines()]
        lines += [value for _, value in section.rows]
    return [_flatten(line) for line in lines if line.strip()]


def _receipt(client: Client, request: Request) -> Any:
    return client.get(f"/demandes/{request.reference}/recepisse.pdf")


@pytest.fixture
def drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws without a process for each document, which only imports the library again."""
    monkeypatch.setattr(
        receipt_pdf, "run_drawer", lambda said: receipt_drawer.draw_pdf(json.loads(said))
    )


@pytest.mark.req("R44", "R45", "D10")
@pytest.mark.usefixtures("drawn_here")
@pytest.mark.parametrize("state", ["submitted", "awaiting", "approved", "refused", "cancelled"])
def test_the_receipt_says_what_the_page_says(
    state: str, client: Client, user: User, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawn of one that is open and of one that is decided."""
    is_drawn = state in ("submitted", "refused")
    if not is_drawn:
        monkeypatch.setattr(views, "draw_receipt_pdf", lambda receipt: b"%PDF")
    request = in_state(state, agent, user)
    with time_machine.travel(NOW, tick=False):
        client.force_login(user)
        answer = _receipt(client, request)
        page = client.get(f"/demandes/{request.reference}/").text
    assert answer["Content-Type"] == "application/pdf"
    name = f'attachment; filename="demande-{request.reference}.pdf"'
    assert answer["Content-Disposition"] == name
    assert "no-store" in answer["Cache-Control"] and "sandbox" in answer["Content-Security-Policy"]
    shown = _flatten(html.unescape(re.sub(r"<[^>]+>", " ", page))).replace(" .", ".")
    read = _read(answer.content) if is_drawn else ""
    receipt = build_receipt(request, NOW)
    assert build_receipt(request, NOW + timedelta(days=1)) == receipt
    for line in _lines(receipt):
        assert line in read or not is_drawn, line
        if line != user.email:  # one's own, which the page does not repeat
            assert line.removesuffix(" (heure de Paris)") in shown, line
    link = f'href="/demandes/{request.reference}/recepisse.pdf"'
    assert link in page


RECEIPT = Receipt(
    title="Décision sur votre demande d’accès à M-Gestion",
    reference="MG-ABCD-2345",
    state="Refusée",
    tone="stop",
    company="Garage fictif",
    sections=tuple(map(ReceiptSection, ("La décision", "Vos réponses", "Votre interlocuteur"))),
    page_url="https://portail.example.org/demandes/MG-ABCD-2345/",
    dated=NOW,
)


def test_the_receipt_is_the_same_bytes_with_its_language_and_its_title(
    request: pytest.FixtureRequest,
) -> None:
    first = draw_receipt_pdf(RECEIPT)
    request.getfixturevalue("drawn_here")
    assert draw_receipt_pdf(RECEIPT) == first and b"(fr-FR)" in first
    document = pypdfium2.PdfDocument(first)
    said = document.get_metadata_dict()
    assert said["Title"] == f"{RECEIPT.title} ({RECEIPT.reference})"
    assert said["Author"] == "OPCO Mobilités" and said["CreationDate"].startswith("D:20260317")
    assert len(document) == 1
    assert [each.get_title() for each in document.get_toc()] == [
        section.heading for section in RECEIPT.sections
    ]
    assert b"/DisplayDocTitle true" in first


def _make_drawable(text: str) -> str:
    """`text` in the characters of the fonts."""
    fonts = [
        receipt_pdf.find_font(path) for name, path in receipt_pdf.FONTS.items() if name != "head"
    ]
    return receipt_drawer.make_drawable(text, receipt_drawer.list_drawable(*fonts))


HOSTILE = (
    "<b>&amp;</b> {% now %} **gras** __x__ [lien](http://x)",
    "Œuvre « Ça où ? » – l’été… 100 € Łódź Šibenik",
    "🚗 garage 漢字",
    "Łukasz Đorđe Ħaġar Ŋávdi Ŝi Nguyễn – Ελένη Παπαδοπούλου, Наталія Ґудзь",
    "\u202eétrange\u202c\u200d",
    "مرآب",
    "x" * 160,
    "-" * 160,
)


@pytest.mark.usefixtures("drawn_here")
def test_a_hostile_name_breaks_nothing_and_a_long_explanation_is_there_to_its_end() -> None:
    long = "Le SIRET n’est pas le bon. " * 370 + "\n" * 40 + "W" * 3000 + " FIN."
    answers = ReceiptSection(
        "Vos réponses", (*HOSTILE, long), tuple(("Entreprise", name) for name in HOSTILE)
    )
    drawn = draw_receipt_pdf(replace(RECEIPT, company=HOSTILE[0], sections=(answers,)))
    assert len(pypdfium2.PdfDocument(drawn)) > 2
    read = _read(drawn).replace(" ", "")
    for times, name in zip((3, *[2] * len(HOSTILE)), HOSTILE, strict=False):
        assert read.count(_flatten(_make_drawable(name)).replace(" ", "")) >= times, name
    assert "FIN." in read and RECEIPT.reference in read


@pytest.mark.req("R44")
def test_a_european_name_is_written_with_its_own_letters() -> None:
    names = "Łukasz, Đorđe, Zoë Ştefănescu, Ŋávdi, Nguyễn, Ελένη Αθανασίου, Наталія Ґудзь"
    assert _make_drawable(names) == names


def test_what_the_fonts_do_not_have_is_a_sign_and_nothing_hidden_steers_the_text() -> None:
    assert _make_drawable("Élodie\u202f: 🚗") == "Élodie\u00a0: ?"
    assert _make_drawable("a\u202eb\u200dc\x00d") == "abcd"
    assert _make_drawable("Lodz Łódź\n") == "Lodz Łódź\n"


@pytest.mark.req("S14")
@pytest.mark.usefixtures("drawn_here")
def test_only_its_author_and_the_agents_in_scope_get_it(
    client: Client, user: User, agent: User
) -> None:
    request = make_request(user)
    address = f"/admin/registrations/request/{request.pk}/recepisse.pdf"
    mine = _receipt(client, request).content
    assert _receipt(client_of(make_user()), request).status_code == 404
    inside, outside = client_of(agent), client_of(make_staff("reviewer", delegations=("BRE",)))
    assert inside.get(address).content == mine
    assert outside.get(address).status_code == 404
    page = inside.get(f"/admin/registrations/request/{request.pk}/change/").text
    assert f'href="{address}"' in page


def test_the_file_of_an_access_has_no_receipt(client: Client, user: User) -> None:
    request = make_request(user)
    Request.objects.filter(pk=request.pk).update(origin=RequestOrigin.STAFF)
    assert _receipt(client, request).status_code == 404
    assert "recepisse.pdf" not in client.get(f"/demandes/{request.reference}/").text


def test_a_receipt_that_cannot_be_drawn_leads_back_to_the_page_that_says_so(
    client: Client, user: User, settings: Any
) -> None:
    request = make_request(user)
    settings.DOCUMENT_PAGE_SECONDS = 0.01
    answer = client.get(f"/demandes/{request.reference}/recepisse.pdf", follow=True)
    assert answer.redirect_chain[-1][0] == f"/demandes/{request.reference}/"
    assert "Demandez-le de nouveau" in answer.text


def test_one_person_does_not_keep_the_drawers_busy(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "draw_receipt_pdf", lambda receipt: b"%PDF")
    request, other = make_request(user), make_request()
    first = client_of(user)
    answers = [_receipt(first, request).status_code for _ in range(views.DRAWINGS_A_MINUTE + 1)]
    assert answers == [200] * views.DRAWINGS_A_MINUTE + [302]
    assert _receipt(client_of(other.user), other).status_code == 200
