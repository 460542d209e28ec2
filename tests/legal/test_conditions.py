"""The specific conditions of a platform: versions of their own, published and proven as the terms
are.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsRequest, TermsVersion
from accounts.legal.terms import announcing, flows, request_flows
from accounts.legal.terms.request_documents import accept_request_documents, find_request_documents
from accounts.people.models import User
from accounts.profile.export.personal_copy import collect_personal_copy
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail, MailStatus
from tests.factories.habilitations import make_access, make_staff, make_user
from tests.factories.people import client_of, letters
from tests.legal.conftest import NOW
from tests.legal.test_gate import EFFECT, publish

pytestmark = pytest.mark.usefixtures("reference")
CAMPUS = "m-campus-entreprise"
DRAFTS = "/admin/legal/termsversion/"
OPCO = Actor.system("tests")


@pytest.fixture
def campus() -> Platform:
    return Platform.objects.get(code=CAMPUS)


def read(client: Client, path: str, status: int = 200) -> str:
    """The words of a page."""
    with time_machine.travel(NOW, tick=False):
        answer = client.get(path)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.mark.req("R65", "D68")
@pytest.mark.both
def test_each_document_has_its_own_version_in_force(campus: Platform) -> None:
    terms = publish("hiver", NOW - timedelta(days=30))
    old = publish("campus-1", NOW - timedelta(days=20), platform=campus)
    new = publish("campus-2", NOW, platform=campus)
    assert flows.get_current_version(NOW) == terms
    assert flows.get_current_version(NOW - timedelta(seconds=1), campus) == old
    assert flows.get_current_version(NOW, campus) == new
    assert flows.get_current_version(NOW, Platform.objects.get(code="m-campus-of")) is None
    publish("cgu-2", NOW)  # another document may take effect at the same moment
    with pytest.raises(Refused, match="même moment"):
        publish("campus-3", NOW, platform=campus)


@pytest.mark.req("R62", "R78", "D68")
def test_the_public_page_shows_the_conditions_with_the_roles_and_keeps_the_archive(
    client: Client, campus: Platform
) -> None:
    publish("campus-1", NOW - timedelta(days=30), platform=campus)
    publish("campus-2", NOW - timedelta(days=1), platform=campus)
    publish("hiver", NOW - timedelta(days=1))
    page = read(client, f"/conditions/{CAMPUS}/")
    assert "Texte de campus-2." in page and "Ce que chaque rôle permet" in page
    assert "Administrateur" in page and "Empreinte SHA-256" in page
    archived = read(client, f"/conditions/{CAMPUS}/campus-1/")
    assert "Texte de campus-1." in archived and "n’est plus opposable" in archived
    listed = read(client, f"/conditions/{CAMPUS}/versions/")
    assert "En vigueur" in listed and "Archivée" in listed and "Version hiver" not in listed
    assert "campus-1" in read(client, f"/conditions/{CAMPUS}/campus-2/differences/")
    assert "Version campus-2" in read(client, "/conditions/")
    read(client, "/cgu/campus-2/", 404)  # a document's address shows its own versions only
    read(client, "/conditions/m-campus-of/campus-2/", 404)
    Platform.objects.filter(code=CAMPUS).update(enabled=False)
    read(client, f"/conditions/{CAMPUS}/campus-1/")  # what was accepted stays readable


@pytest.mark.req("R78")
def test_a_platform_without_conditions_says_what_applies_there(client: Client) -> None:
    page = read(client, "/conditions/m-contributions/")
    assert "seules les conditions générales d’utilisation" in page
    assert "Ce que chaque rôle permet" in page
    read(client, "/conditions/inconnue/", 404)
    Platform.objects.filter(code="m-contributions").update(enabled=False)
    read(client, "/conditions/m-contributions/", 404)


@pytest.mark.req("R68", "D68")
def test_an_older_version_is_asked_for_on_the_page_of_its_document(
    client: Client, campus: Platform
) -> None:
    version = publish("campus-1", NOW - timedelta(days=30), platform=campus)
    asked = {"email": "jeanne@exemple.example.org", "asked": "Celle de 2024"}
    with time_machine.travel(NOW, tick=False):
        assert client.post(f"/conditions/{CAMPUS}/versions/", asked).status_code == 303
    row = TermsRequest.objects.get()
    assert row.platform == campus
    request_flows.answer_terms_request(row.pk, version=version, text="", actor=OPCO, now=NOW)
    (mail,) = letters(request_flows.SENT, now=NOW)
    assert f"conditions spécifiques de {campus.name}" in mail.text
    assert f"/conditions/{CAMPUS}/campus-1/" in mail.text


@pytest.mark.req("R67", "D68")
def test_the_national_administrator_drafts_publishes_and_withdraws(
    campus: Platform, settings: Any
) -> None:
    # The second factor has tests of its own.
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "SecondFactor" not in name]
    publish("campus-1", NOW - timedelta(days=30), platform=campus)
    publish("hiver", NOW - timedelta(days=20), requires_acceptance=False)
    written = {"platform": campus.pk, "slug": "campus-2", "label": "Version 2"}
    with time_machine.travel(NOW, tick=False):
        client = client_of(make_staff(StaffRole.NATIONAL))
        bad = client.post(f"{DRAFTS}add/", {**written, "body": "<p>a</p>\n<b>c</b>"}).text
        assert "Ligne 2" in bad
        client.post(f"{DRAFTS}add/", {**written, "body": "<p>Nouveau.</p>"})
        draft = TermsVersion.objects.get(slug="campus-2")
        assert (draft.platform, draft.requires_acceptance) == (campus, False)
        listed = f"{DRAFTS}?document={CAMPUS}"
        assert listed in client.get(f"/admin/habilitations/platform/{campus.pk}/change/").text
        assert "Brouillon" in client.get(listed).text
        blank = client.get(f"{DRAFTS}add/?_changelist_filters=document%3D{CAMPUS}").text
        assert f'<option value="{campus.pk}" selected>' in blank
        preview = client.get(f"{DRAFTS}{draft.pk}/publier/").text
        assert "Version campus-1" in preview and "<del>" in preview and "Nouveau." in preview
        client.post(f"{DRAFTS}{draft.pk}/publier/", {"effective": "2026-04-01"})
        assert ">Version 2<" in client.get(listed).text
        assert ">Version 2<" not in client.get(f"{DRAFTS}?document=cgu").text
        client.post(f"{DRAFTS}{draft.pk}/retirer/", {"reason": "Trop tôt"})
    acts = Entry.objects.filter(object_type="conditions", object_id="campus-2")
    assert [entry.act for entry in acts.order_by("pk")] == ["terms.published", "terms.withdrawn"]
    assert "retirée" in read(client, f"/conditions/{CAMPUS}/campus-2/", 410)


@pytest.mark.req("D37", "D68")
def test_only_people_with_an_open_access_there_are_told_of_it(campus: Platform) -> None:
    open_access = make_access(platform=campus, dashboard="")
    make_access(platform=campus, dashboard="", ended_at=NOW)
    make_access()  # on M-Gestion
    gone = make_access(platform=campus, dashboard="")
    version = publish("campus-1", platform=campus)
    assert announcing.announce_versions(NOW)["campus-1"] == 2
    Access.objects.filter(pk=gone.pk).update(ended_at=NOW)
    (mail,) = letters(announcing.KIND, now=NOW)
    assert mail.to == open_access.user.email
    assert f"avant d’entrer sur {campus.name}" in mail.text
    assert f"/conditions/{CAMPUS}/campus-1/" in mail.text
    assert "differences" not in mail.text  # the first version has none
    Mail.objects.filter(kind=announcing.KIND).update(status=MailStatus.SENT)
    flows.withdraw_version(version, reason="Trop tôt", actor=OPCO, now=NOW)
    Access.objects.update(ended_at=NOW)
    announcing.announce_versions(NOW)
    told = letters(announcing.WITHDRAWN, now=NOW)
    assert {one.to for one in told} == {open_access.user.email, gone.user.email}


@pytest.mark.req("R62", "R65", "D68")
def test_a_request_accepts_the_terms_and_the_conditions_of_its_platform(
    campus: Platform, django_assert_num_queries: Any
) -> None:
    user: User = make_user()
    terms = publish("hiver", NOW - timedelta(days=30))
    conditions = publish("campus-1", NOW - timedelta(days=20), platform=campus)
    publish("autre", NOW, platform=Platform.objects.get(code="m-campus-of"))
    with django_assert_num_queries(1):
        shown = find_request_documents([CAMPUS], NOW)
        assert (shown.stamp, shown.conditions) == ("hiver campus-1", (conditions,))
        assert shown.conditions[0].document.url == f"/conditions/{CAMPUS}/"
    made = accept_request_documents(user, CAMPUS, now=NOW)
    assert [(one.version, one.where, one.digest) for one in made] == [
        (terms, "request", terms.digest),
        (conditions, "request", conditions.digest),
    ]
    publish("campus-2", EFFECT, platform=campus)
    assert find_request_documents([CAMPUS], EFFECT).stamp == "hiver campus-2"
    told = str(collect_personal_copy(user, NOW))
    assert f"{campus.name} – Version campus-1" in told and "Version hiver" in told
