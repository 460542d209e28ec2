"""The receipt of a request as a PDF: the words of its page, for who may read them."""

import html
import re
import unicodedata
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.test import Client

from accounts.people.models import User
from registrations.receipts import receipt_drawer, receipt_pdf, views
from registrations.receipts.receipt_content import Receipt, build_receipt
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


@pytest.mark.req("R44", "R45", "D10")
@pytest.mark.parametrize("state", ["submitted", "awaiting", "approved", "refused", "cancelled"])
def test_the_receipt_says_what_the_page_says(
    state: str, client: Client, user: User, agent: User
) -> None:
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
    read = _read(answer.content)
    for line in _lines(build_receipt(request, NOW)):
        assert line in read, line
        if line != user.email:  # one's own, which the page does not repeat
            assert line.removesuffix(" (heure de Paris)") in shown, line
    link = f'href="/demandes/{request.reference}/recepisse.pdf"'
    assert link in page


def test_the_receipt_is_the_same_bytes_with_its_language_and_its_title(
    user: User, agent: User
) -> None:
    request = in_state("refused", agent, user)
    first, second = (
        draw_receipt_pdf(build_receipt(request, NOW + timedelta(days=days))) for days in (0, 1)
    )
    assert first == second and b"(fr-FR)" in first
    said = pypdfium2.PdfDocument(first).get_metadata_dict()
    assert said["Title"] == f"Décision sur votre demande d’accès à M-Gestion ({request.reference})"
    assert said["Author"] == "OPCO Mobilités" and said["CreationDate"].startswith("D:20260317")
    assert len(pypdfium2.PdfDocument(first)) == 1
    headings = [each.get_title() for each in pypdfium2.PdfDocument(first).get_toc()]
    assert headings == ["La décision", "Vos réponses", "Votre interlocuteur"]
    assert b"/DisplayDocTitle true" in first


def _draw(text: str) -> str:
    """`text` in the characters of the fonts."""
    fonts = [
        receipt_pdf.find_font(path) for name, path in receipt_pdf.FONTS.items() if name != "head"
    ]
    return receipt_drawer.make_drawable(text, receipt_drawer.list_drawable(*fonts))


@pytest.mark.parametrize(
    "name",
    [
        "<b>&amp;</b> {% now %} **gras** __x__ [lien](http://x)",
        "Œuvre « Ça où ? » – l’été… 100 € Łódź Šibenik",
        "🚗 garage 漢字",
        "Łukasz Đorđe Ħaġar Ŋávdi Ŝi Nguyễn – Ελένη Παπαδοπούλου, Наталія Ґудзь",
        "\u202eétrange\u202c\u200d",
        "مرآب",
        "x" * 160,
        "-" * 160,
    ],
)
def test_a_hostile_name_breaks_nothing(name: str, user: User, agent: User) -> None:
    request = make_request(user, company_name=name)
    data = draw_receipt_pdf(build_receipt(request, NOW))
    read = _read(data).replace(" ", "")
    assert _flatten(_draw(name)).replace(" ", "") in read
    assert request.reference in read


def test_an_explanation_of_ten_thousand_characters_is_there_to_its_end(
    user: User, agent: User
) -> None:
    request = in_state("refused", agent, user)
    request.decision_text = "Le SIRET n’est pas le bon. " * 370 + "\n" * 40 + "W" * 3000 + " FIN."
    data = draw_receipt_pdf(build_receipt(request, NOW))
    assert len(pypdfium2.PdfDocument(data)) > 2
    assert "FIN." in _read(data)


@pytest.mark.req("R44")
@pytest.mark.parametrize(
    "name",
    ["Łukasz", "Đorđe", "Zoë Ştefănescu", "Ŋávdi", "Nguyễn", "Ελένη Αθανασίου", "Наталія Ґудзь"],
)
def test_a_european_name_is_written_with_its_own_letters(name: str) -> None:
    assert _draw(name) == name


def test_what_the_fonts_do_not_have_is_a_sign_and_nothing_hidden_steers_the_text() -> None:
    assert _draw("Élodie\u202f: 🚗") == "Élodie\u00a0: ?"
    assert _draw("a\u202eb\u200dc\x00d") == "abcd"
    assert _draw("Lodz Łódź\n") == "Lodz Łódź\n"


@pytest.mark.req("S14")
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
