"""« À vous de répondre »: what waits for a person stands first on every page where they land."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
import time_machine
from django.test import Client

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsAcceptance, TermsVersion, TermsWithdrawal
from accounts.people.models import User
from accounts.people.to_do import ToDoLine, Urgency, list_to_do, sort_lines
from accounts.profile.models import DataExport
from mgestion.outbox.models import Bounce, Mail
from registrations.documents import flows as documents_flows
from registrations.establishments.models import AccessReview
from registrations.invitations.models import Invitation
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_establishment, make_user
from tests.factories.invitations import make_invitation
from tests.factories.registrations import make_request
from tests.registrations.acting import in_state
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.usefixtures("reference")
LATER = NOW + timedelta(days=2)
ESTABLISHMENT: Final = "/m-gestion/utilisateurs/"
PAGES: Final = ("/services/", "/m-gestion/", "/compte/", "/compte/acces/", ESTABLISHMENT)
Situation = Callable[[User, User], str]


def _ask_a_document(user: User, agent: User) -> str:
    return f"/demandes/{in_state('approved-asked', agent, user).reference}/#repondre"


def _suspend(user: User, agent: User) -> str:
    return f"/demandes/{in_state('suspended', agent, user).reference}/#repondre"


def _refuse(user: User, agent: User) -> str:
    request = make_request(user, status=RequestStatus.REFUSED, agent=agent)
    return f"/demandes/{request.reference}/"


def _open_review(user: User, agent: User) -> str:
    place = make_establishment()
    make_access(user=user, establishment=place, administrator=True)
    due = LATER + timedelta(days=9)
    AccessReview.objects.create(establishment=place, opened_at=NOW, due_at=due)
    return f"/m-gestion/utilisateurs/revue/?etablissement={place.siret}-entreprise"


def _invite(user: User, agent: User) -> str:
    place, chief = make_establishment(), make_user()
    make_access(user=chief, establishment=place, administrator=True)
    invited = make_invitation(chief, place, email=user.email, now=LATER)
    return f"/m-gestion/invitation/{invited.pk}/"


def _publish(slug: str, *, days: int, platform: Platform | None) -> TermsVersion:
    return TermsVersion.objects.create(
        slug=slug,
        label=slug,
        body="<p>Texte.</p>",
        platform=platform,
        published_at=NOW,
        effective_at=LATER + timedelta(days=days),
    )


def _publish_conditions(user: User, agent: User) -> str:
    platform = Platform.objects.get(code="m-contributions")
    make_access(user=user, platform=platform, dashboard="")
    _publish("ete", days=-1, platform=platform)
    return "/conditions/m-contributions/acceptation/"


def _announce_terms(user: User, agent: User) -> str:
    _publish("automne", days=20, platform=None)
    return "/cgu/automne/"


def _make_copy(user: User, agent: User) -> str:
    until = LATER + timedelta(hours=20)
    DataExport.objects.create(user=user, asked_at=NOW, ready_at=NOW, expires_at=until)
    return "/compte/mes-donnees/"


def _return_a_mail(user: User, agent: User) -> str:
    mail = Mail.objects.create(
        kind="registrations.received",
        subject_id=user.public_id,
        person=user.public_id,
        key="returned",
        created_at=NOW,
        next_at=NOW,
        message_id="<returned@example.org>",
        status="dead",
    )
    Bounce.objects.create(mail=mail, outcome="hard", read_at=NOW)
    return "/compte/adresse/"


SITUATIONS: Final = (
    _return_a_mail,
    _make_copy,
    _ask_a_document,
    _suspend,
    _refuse,
    _open_review,
    _invite,
    _publish_conditions,
    _announce_terms,
)


def _lines(user: User) -> list[ToDoLine]:
    return list_to_do(user, LATER)


def _answer(user: User) -> None:
    request = Request.objects.get(user=user)
    documents_flows.record_answer(request.pk, user=user, text="Voici.", now=LATER)


def _send_again(user: User) -> None:
    make_request(user, now=LATER)


def _accept(user: User) -> None:
    for version in TermsVersion.objects.all():
        TermsAcceptance.objects.create(
            user=user, version=version, where="gate", accepted_at=LATER, digest=version.digest
        )


def _withdraw(user: User) -> None:
    version = TermsVersion.objects.get()
    TermsWithdrawal.objects.create(version=version, withdrawn_at=LATER, reason="Erreur")


def _close_review(user: User) -> None:
    AccessReview.objects.update(closed_at=NOW, outcome="completed")


def _leave(user: User) -> None:
    Access.objects.filter(user=user).update(ended_at=LATER)


# What ends each of them, one way after the other.
ENDS: Final[dict[Situation, tuple[Callable[[User], object], ...]]] = {
    _ask_a_document: (_answer,),
    _refuse: (
        _send_again,
        lambda user: Request.objects.update(may_resubmit=False),
        lambda user: Request.objects.update(decided_at=NOW - timedelta(days=40)),
    ),
    _open_review: (
        _close_review,
        _leave,
        lambda user: Access.objects.update(role="gestionnaire"),
    ),
    _invite: (
        lambda user: Invitation.objects.update(expires_at=LATER),
        lambda user: Invitation.objects.update(status="revoked", closed_at=NOW),
    ),
    _publish_conditions: (_accept, _leave),
    _make_copy: (lambda user: DataExport.objects.update(expires_at=LATER),),
    _announce_terms: (_accept, _withdraw),
}


@pytest.mark.both
@pytest.mark.req("R109", "R110", "D31", "D49", "D68", "D69")
def test_what_waits_is_said_once_with_its_day_and_its_button_until_it_is_over(
    client: Client, user: User, agent: User, subtests: pytest.Subtests
) -> None:
    make_access(user=user, administrator=True)
    for situation in SITUATIONS:
        with subtests.test(situation=situation.__name__), rolled_back():
            url = situation(user, agent)
            (line,) = _lines(user)
            assert line.url == url
            assert _lines(agent) == [] or situation is _announce_terms  # nobody else's
            for number, end in enumerate(ENDS.get(situation, ())):
                with rolled_back():
                    end(user)
                    assert _lines(user) == [], number
            with time_machine.travel(LATER, tick=False):
                client.force_login(user)
                # One situation looks at every page: what stands first there is the same list.
                for path in PAGES if situation is _ask_a_document else PAGES[:1]:
                    _check_page(client.get(path).text, path, line)


def _check_page(html: str, path: str, line: ToDoLine) -> None:
    shown = html.split('id="a-repondre"')[1].split("</section>")[0]
    assert shown.count("<h3>") == 1, path
    assert line.button in shown and line.when in shown
    assert f'href="{line.url}"' in shown
    before = html.split("</main>")[0].split('id="a-repondre"')[0]
    assert 'class="callout' not in before and "<table" not in before  # it stands first
    if path == "/services/":
        assert line.tile in html.split('<ul class="tiles">')[1]


def test_nothing_is_said_when_nothing_waits_and_one_statement_asks(
    client: Client, user: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    make_access(user=user, administrator=True)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert _lines(user) == []
    for path in PAGES:
        assert "À vous de répondre" not in client.get(path).text


def test_the_most_urgent_comes_first_and_a_day_that_has_passed_is_said(
    user: User, agent: User
) -> None:
    for situation in reversed(SITUATIONS):
        situation(user, agent)
    lines = _lines(user)
    assert [line.urgency for line in lines] == sorted(line.urgency for line in lines)
    assert lines[0].is_blocked
    much_later = NOW + timedelta(days=200)
    assert any("était attendue" in line.when for line in list_to_do(user, much_later))
    late = ToDoLine(Urgency.AWAITED, "", "", "", "/", NOW)
    undated = ToDoLine(Urgency.AWAITED, "", "", "", "/")
    assert sort_lines([undated, late]) == [late, undated]


@pytest.mark.req("D49", "D69")
def test_an_invited_newcomer_lands_where_the_invitation_is_said(
    client: Client, user: User, agent: User
) -> None:
    url = _invite(user, agent)
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        answer = client.get("/m-gestion/", follow=True)
    assert answer.redirect_chain[-1][0] == "/services/"
    assert url in answer.text.split('<ul class="tiles">')[0]
    # Its platform's tile leads to it, rather than to an empty form.
    assert f'class="tile__link" href="{url}"' in answer.text


def test_the_page_of_a_request_does_not_lead_to_itself(
    client: Client, user: User, agent: User
) -> None:
    request = in_state("awaiting", agent, user)
    other = make_request(user, now=LATER)
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        assert "a-repondre" not in client.get(f"/demandes/{request.reference}/").text
        assert "a-repondre" in client.get(f"/demandes/{other.reference}/").text
