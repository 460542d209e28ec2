"""Whoever has an access at a CFA or an OF asks for Administrateur; the desk decides (D59, D66)."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings as SettingsWrapper

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.people.models import User
from mgestion.errors import Refused
from registrations.accesses.later_role_flows import ask_for_later_role
from registrations.desk.acts.decide import approve_request, refuse_request
from registrations.enrolment.amend_flows import amend_request
from registrations.enrolment.submit_flows import RequestAlreadyOpen, submit_request
from registrations.requests.document_models import Upload
from registrations.requests.models import RefusalReason, Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_establishment, make_user
from tests.factories.people import give_session
from tests.factories.registrations import make_answers, make_siret
from tests.registrations import papers

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]


@pytest.fixture
def access(client: Client) -> Access:
    """A Gestionnaire of an OF, logged in to `client`."""
    person = make_user(first_name="Camille", last_name="Fictif", phone="+33199001234")
    give_session(client, person)
    return make_access(
        user=person,
        establishment=make_establishment(training=True, siret=make_siret(), name="OF fictif"),
        platform=Platform.objects.get(code="m-gestion-of"),
        dashboard="of",
    )


def ask(access: Access, **said: Any) -> Request:
    facts = {"last_name": "Fictif", "first_name": "Camille", "phone": "+33199001234", **said}
    return ask_for_later_role(
        access.user,
        access.public_id,
        form_token=uuid.uuid4(),
        now=NOW,
        **{"profile": "OF-ADMIN", **facts},
    )


def path(access: Access) -> str:
    return f"/compte/acces/plateforme/{access.public_id}/role/"


@pytest.mark.req("D59", "D66", "R86")
def test_a_person_of_an_of_asks_for_administrateur_and_the_desk_decides_with_evidence(
    client: Client, access: Access, agent: User, settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    for page in ("/compte/acces/", "/m-gestion/"):
        assert path(access) in client.get(page).text
    assert "OF fictif" in client.get(path(access)).text
    posted = {
        "form_token": str(uuid.uuid4()),
        "profile": "OF-ADMIN",
        "last_name": "Fictif",
        "first_name": "Camille",
        "phone": "01 99 00 12 34",
        "accept_terms": "on",
        "declaration": "on",
    }
    assert 'data-show-when="profile=OF-ADMIN"' in client.get(path(access)).text

    def proof() -> dict[str, list[SimpleUploadedFile]]:
        files = (("mandat.pdf", papers.pdf()), ("faux.pdf", b"x"))
        return {"proof_of": [SimpleUploadedFile(name, data) for name, data in files]}

    refused = client.post(path(access), {**posted, **proof(), "declaration": ""})
    assert "Cette déclaration est nécessaire" in refused.text and not Request.objects.exists()
    assert "Choisissez de nouveau vos fichiers" in refused.text
    done = client.post(path(access), {**posted, **proof()})
    request = Request.objects.get()
    assert Upload.objects.get().name == "mandat.pdf"
    said_of_files = [str(each) for each in get_messages(done.wsgi_request)]
    assert any("faux.pdf" in each for each in said_of_files)
    assert done.headers["Location"].endswith(f"/{request.reference}/")
    assert (request.asked_role, request.platform, request.siret, request.dashboard) == (
        Role.ADMINISTRATEUR,
        access.platform,
        access.establishment.siret,
        "of",
    )
    access.refresh_from_db()
    assert access.role == Role.GESTIONNAIRE
    said: dict[str, Any] = {"role": Role.ADMINISTRATEUR, "actor_user": agent, "now": NOW}
    with pytest.raises(Refused, match="peut l’exercer"):
        approve_request(request.pk, version=request.version, **said)
    approve_request(request.pk, version=request.version, evidence="Mandat vu.", **said)
    access.refresh_from_db()
    assert access.role == Role.ADMINISTRATEUR
    assert path(access) not in client.get("/compte/acces/").text
    assert client.get(path(access)).status_code == 404


@pytest.mark.req("S14", "S22")
def test_only_for_oneself_an_open_access_and_a_role_given_later(
    client: Client, access: Access
) -> None:
    theirs = make_access(
        establishment=access.establishment, platform=access.platform, dashboard="of"
    )
    company = make_access(user=access.user)
    for other in (theirs, company):
        assert client.get(path(other)).status_code == 404
        assert client.post(path(other), {}).status_code == 404
    theirs.user = access.user
    for asked, profile in ((theirs, "OF-ADMIN"), (company, "ENT-ADMIN"), (access, "OF-GEST")):
        with pytest.raises(Refused):
            ask(asked, profile=profile)
    AdmissionRule.objects.filter(profile__code="OF-ADMIN").update(way_in="invitation")
    with pytest.raises(Refused):
        ask(access)
    Access.objects.filter(pk=access.pk).update(ended_at=NOW)
    AdmissionRule.objects.filter(profile__code="OF-ADMIN").update(way_in="later")
    with pytest.raises(Refused):
        ask(access)
    assert not Request.objects.exists()


@pytest.mark.req("D66")
def test_one_request_at_a_time_and_its_profile_outlives_corrections(
    access: Access, agent: User
) -> None:
    request = ask(access)
    with pytest.raises(RequestAlreadyOpen):
        ask(access)
    corrected = make_answers(kind="of", siret=request.siret, company_name="OF fictif corrigé")
    assert corrected.profile is not None and corrected.profile.code == "OF-GEST"
    amended = amend_request(request.pk, access.user, corrected, NOW)
    assert amended.asked_role == Role.ADMINISTRATEUR
    refuse_request(
        request.pk,
        version=amended.version,
        reason=RefusalReason.objects.get(code="siret-identite"),
        text="Le SIRET ne correspond pas.",
        actor_user=agent,
        now=NOW,
    )
    request.refresh_from_db()
    again = submit_request(
        user=access.user,
        answers=corrected,
        form_token=uuid.uuid4(),
        resubmission_of=request,
        now=NOW,
    )
    assert again.asked_role == Role.ADMINISTRATEUR
