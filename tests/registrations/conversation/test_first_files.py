"""The proof that an Administrateur joins to the form, when the request is sent."""

from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.people.models import User
from registrations.conversation.models import RequestMessage
from registrations.requests.document_models import Upload
from registrations.requests.models import Request
from tests.factories.accounts import make_newcomer
from tests.factories.people import client_of
from tests.factories.registrations import posted
from tests.registrations import papers

pytestmark = [pytest.mark.usefixtures("reference", "folder"), pytest.mark.django_db]
FORM = "/m-gestion/demande/"


@pytest.fixture
def page() -> Client:
    return client_of(make_newcomer())


@pytest.mark.req("D59", "R109")
def test_the_proof_of_an_administrator_comes_with_the_request(
    page: Client, agent: User, folder: Path
) -> None:
    html = page.get(FORM).text
    assert 'data-show-when="profile=ENT-ADMIN"' in html
    fields = posted(profile="ENT-ADMIN")
    for _ in range(2):  # a double click
        answer = page.post(FORM, {**fields, "proof_entreprise": [papers.sent()]})
        assert answer.status_code == 302
    request = Request.objects.get()
    assert RequestMessage.objects.get().request == request
    assert Upload.objects.get().name == "Kbis.pdf"
    assert len(papers.list_kept(folder)) == 1
    assert request.events.get().text == "1 fichier joint."
    assert request.desk_unread_since is None  # the request itself is new
    address = reverse("admin:registrations_request_change", args=[request.pk])
    assert "Voir Kbis.pdf" in client_of(agent).get(address).text
    assert "Kbis.pdf" in page.get(answer["Location"]).text


def test_another_profile_joins_nothing(page: Client, folder: Path) -> None:
    page.post(FORM, {**posted(profile="ENT-GEST"), "proof_entreprise": [papers.sent()]})
    assert Request.objects.count() == 1
    assert not Upload.objects.exists()
    assert papers.list_kept(folder) == []


def test_a_refused_proof_loses_neither_the_request_nor_the_other_files(
    page: Client, folder: Path
) -> None:
    files = [papers.sent(), papers.sent(papers.HTML, "mal.pdf")]
    answer = page.post(FORM, {**posted(profile="ENT-ADMIN"), "proof_entreprise": files})
    assert answer.status_code == 302
    said = " ".join(str(each) for each in get_messages(answer.wsgi_request))
    assert "mal.pdf" in said
    assert [row.name for row in Upload.objects.all()] == ["Kbis.pdf"]


def test_a_form_that_comes_back_asks_for_the_files_again(page: Client, folder: Path) -> None:
    fields = posted(profile="ENT-ADMIN", siret="1")
    html = page.post(FORM, {**fields, "proof_entreprise": [papers.sent()]}).text
    assert "Choisissez de nouveau vos fichiers" in html
    assert papers.list_kept(folder) == []
    assert not Request.objects.exists()
