"""The six-monthly review of an establishment's accesses: who is asked, what an answer does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.leaving.account_departures import ADMIN_DEACTIVATED
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from mgestion.text.dates import paris_date
from registrations.establishments import access_reviews
from registrations.establishments import review_flows as flows
from registrations.establishments.models import AccessReview, ReviewAnswer
from registrations.establishments.role_flows import ROLE_ASKED_MAIL
from registrations.requests.enums import ReviewOutcome
from tests.factories.habilitations import make_access, make_establishment, make_staff, make_user
from tests.factories.people import client_of, letters
from tests.registrations.pages import cost

pytestmark = pytest.mark.usefixtures("reference")
PAGE = "/m-gestion/utilisateurs/revue/"
DUE = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)  # six months after NOW
LATER = DUE + timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def bob(place: Establishment) -> User:
    bob = make_user(
        first_name="Bob", last_name="Collègue", last_activity_at=datetime(2026, 2, 14, tzinfo=UTC)
    )
    make_access(user=bob, establishment=place)
    return bob


@pytest.fixture
def review(place: Establishment, chief: User, bob: User) -> AccessReview:
    assert flows.advance_reviews(DUE)["opened"] == 1
    return AccessReview.objects.get()


def post(client: Client, place: Establishment, *shown: User, **said: str) -> Any:
    data = {"shown": [str(person.public_id) for person in shown], **said}
    return client.post(f"{PAGE}?etablissement={place.key}", data)


def choice(person: User, value: str) -> dict[str, str]:
    return {f"choix-{person.public_id}": value}


def said() -> dict[str, str]:
    return dict(ReviewAnswer.objects.values_list("user__first_name", "choice"))


def state(person: User) -> str:
    person.refresh_from_db()
    return person.status


def test_it_is_due_six_months_after_the_first_administrator_then_after_the_last_review(
    place: Establishment, chief: User, bob: User
) -> None:
    assert flows.advance_reviews(DUE - timedelta(days=1))["opened"] == 0
    assert flows.advance_reviews(DUE)["opened"] == 1
    assert flows.advance_reviews(DUE)["opened"] == 0
    assert flows.advance_reviews(datetime(2027, 3, 16, tzinfo=UTC))["opened"] == 0
    assert flows.advance_reviews(datetime(2027, 3, 17, 9, tzinfo=UTC))["opened"] == 1
    outcomes = AccessReview.objects.order_by("opened_at").values_list("outcome", flat=True)
    assert list(outcomes) == [ReviewOutcome.UNANSWERED, ""]  # the next one takes its place


def test_an_establishment_of_the_end_of_august_is_asked_at_the_end_of_february(
    place: Establishment, chief: User, bob: User
) -> None:
    Access.objects.update(granted_at=datetime(2026, 8, 31, 9, tzinfo=UTC))
    assert flows.advance_reviews(datetime(2027, 2, 27, 9, tzinfo=UTC))["opened"] == 0
    assert flows.advance_reviews(datetime(2027, 2, 28, 9, tzinfo=UTC))["opened"] == 1


def test_nobody_is_asked_where_there_is_nothing_to_ask(place: Establishment) -> None:
    make_access(establishment=place, administrator=True)  # alone but for whom nobody asks about
    make_access(user=make_staff("reviewer", delegations=("IDF",)), establishment=place)
    make_access(user=make_user(Status.CLOSING), establishment=place)
    without_chief = make_establishment()
    for _ in range(2):
        make_access(establishment=without_chief)
    assert flows.advance_reviews(DUE)["opened"] == 0


def test_each_administrator_gets_the_mail_and_one_reminder_and_nothing_once_it_is_over(
    review: AccessReview, chief: User, bob: User, place: Establishment
) -> None:
    (mail,) = letters(access_reviews.ACCESS_REVIEW_MAIL, now=DUE)
    assert mail.to == chief.email
    assert mail.subject == "Vérifiez les accès de votre établissement"
    for part in (mail.text, mail.html):
        assert f"{PAGE}?etablissement={place.key}" in part
        assert "samedi 17 octobre 2026" in part and "Bob" not in part
    before = DUE + timedelta(days=settings.ACCESS_REVIEW_REMINDER_DAYS - 1)
    assert flows.advance_reviews(before)["reminded"] == 0
    for hours in (24, 25):
        flows.advance_reviews(before + timedelta(hours=hours))
    (again,) = letters(access_reviews.ACCESS_REVIEW_REMINDER_MAIL, now=before)
    assert again.subject.startswith("Rappel\u00a0:")
    flows.answer_review(chief, review.pk, bob.public_id, choice="keep", now=before)
    assert (
        letters(access_reviews.ACCESS_REVIEW_MAIL, now=before)
        == letters(access_reviews.ACCESS_REVIEW_REMINDER_MAIL, now=before)
        == []
    )


@pytest.mark.req("D64")
def test_the_page_shows_role_month_and_state_and_chooses_nothing(
    client: Client, review: AccessReview, chief: User, bob: User
) -> None:
    page = client.get(PAGE).text
    for words in ("Bob Collègue", "Gestionnaire", "Février 2026", "Actif", "1 compte à vérifier"):
        assert words in page
    assert "14 février" not in page
    assert " checked" not in page
    assert "C’est votre propre compte." in page
    assert (
        "Vérifiez les accès de Garage fictif du Port" in client.get("/m-gestion/utilisateurs/").text
    )


def test_the_page_costs_the_same_with_more_accounts(
    client: Client, review: AccessReview, place: Establishment
) -> None:
    client.get(PAGE)  # the day's activity is noted
    before = cost(client, PAGE)
    for _ in range(2):
        make_access(establishment=place)
    assert cost(client, PAGE) == before


def test_the_sweep_costs_the_same_with_establishments_that_are_not_due(
    review: AccessReview, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        other = make_establishment()
        make_access(establishment=other, administrator=True, granted_at=DUE)
        make_access(establishment=other)
    with django_assert_num_queries(4):
        flows.advance_reviews(DUE)


def test_partial_answers_are_kept_and_the_last_one_ends_the_review(
    client: Client, review: AccessReview, chief: User, bob: User, place: Establishment
) -> None:
    eve = make_access(user=make_user(first_name="Eve"), establishment=place).user
    answer = post(client, place, chief, bob, eve, **choice(bob, "keep"))
    assert answer.headers["Location"] == f"{PAGE}?etablissement={place.key}"
    assert said() == {"Bob": "keep"}
    assert "1 compte à vérifier" in client.get(PAGE).text
    post(client, place, chief, eve, **choice(eve, "keep"))
    review.refresh_from_db()
    assert (review.outcome, review.closed_at) == (ReviewOutcome.COMPLETED, LATER)
    page = client.get(PAGE).text
    assert "Vérification terminée" in page
    assert "Conservé. Réponse de Ada Cheffe, vendredi 18 septembre 2026." in page
    acts = Entry.objects.filter(object_type="access_review").order_by("id")
    assert [(entry.act.partition(".")[2], entry.actor_kind) for entry in acts] == [
        ("opened", "system"),
        ("answered", "person"),
        ("answered", "person"),
        ("closed", "person"),
    ]


def test_keeping_the_others_is_an_act_and_speaks_of_what_was_shown_only(
    client: Client, review: AccessReview, bob: User, place: Establishment
) -> None:
    eve = make_access(user=make_user(first_name="Eve"), establishment=place).user
    assert "Rien n’est choisi" in post(client, place, bob, eve).text
    assert said() == {}
    post(client, place, bob, keep_rest="on")
    assert said() == {"Bob": "keep"}
    assert state(eve) == Status.ACTIVE


@pytest.mark.req("R92", "D39", "R93")
def test_a_departure_is_told_before_it_is_done_and_keeps_what_was_typed(
    client: Client, review: AccessReview, bob: User, place: Establishment
) -> None:
    eve = make_access(user=make_user(first_name="Eve"), establishment=place).user
    typed = {**choice(bob, "gone"), **choice(eve, "keep")}
    page = post(client, place, bob, eve, **typed).text
    assert "définitivement supprimé dans un délai de 15\u00a0jours calendaires" in page
    assert 'id="confirmer" aria-labelledby="confirmer-title" open' in page
    assert f'name="choix-{eve.public_id}" value="keep"' in page
    assert said() == {} and state(bob) == Status.ACTIVE
    post(client, place, bob, eve, confirmed="oui", **typed)
    assert said() == {"Bob": "gone", "Eve": "keep"}
    assert state(bob) == Status.DEACTIVATED_BY_ADMIN
    assert [mail.to for mail in letters(ADMIN_DEACTIVATED, now=LATER)] == [bob.email]


@pytest.mark.req("D31")
def test_who_has_an_access_elsewhere_only_loses_the_accesses_here(
    client: Client, review: AccessReview, bob: User, place: Establishment
) -> None:
    away = make_access(user=bob)
    page = post(client, place, bob, **choice(bob, "gone")).text
    assert "seuls ses accès à Garage fictif du Port prendront fin" in page
    post(client, place, bob, confirmed="oui", **choice(bob, "gone"))
    away.refresh_from_db()
    assert state(bob) == Status.ACTIVE and away.ended_at is None
    assert not Access.objects.filter(user=bob, establishment=place, ended_at=None).exists()


def test_another_role_is_asked_of_the_delegation(
    client: Client, review: AccessReview, bob: User, place: Establishment
) -> None:
    access = Access.objects.get(user=bob)
    role = {f"role-{bob.public_id}": f"{access.pk}:administrateur"}
    page = post(client, place, bob, **choice(bob, "role")).text
    assert "Choisissez le rôle à demander" in page and "Erreur&nbsp;:" in page
    assert 'value="role" id="id_choix' in page and " checked" in page
    page = post(client, place, bob, **role).text
    assert "cochez aussi" in page and f'value="{access.pk}:administrateur" selected' in page
    page = post(client, place, bob, **choice(bob, "role"), **{next(iter(role)): "9:x"}).text
    assert "Choisissez un rôle de cette liste." in page
    assert said() == {}
    post(client, place, bob, **choice(bob, "role"), **role)
    assert said() == {"Bob": "role"}
    assert len(letters(ROLE_ASKED_MAIL, now=LATER)) == 1
    access.refresh_from_db()
    assert access.role == "gestionnaire"


def test_of_two_administrators_the_first_answer_stands_and_the_second_sees_whose_it_is(
    client: Client, review: AccessReview, chief: User, bob: User, place: Establishment
) -> None:
    """And who has answered is himself no longer asked about."""
    second = make_access(
        user=make_user(first_name="Zoé"), establishment=place, administrator=True
    ).user
    flows.answer_review(chief, review.pk, bob.public_id, choice="keep", now=LATER)
    other = client_of(second)
    page = other.get(PAGE).text
    assert "Réponse de Ada Cheffe" in page
    late = post(other, place, bob, confirmed="oui", **choice(bob, "gone"))
    assert late.status_code == 302
    assert "a déjà répondu pour Bob Collègue" in other.get(PAGE).text
    assert state(bob) == Status.ACTIVE and said() == {"Bob": "keep"}
    flows.answer_review(chief, review.pk, second.public_id, choice="keep", now=LATER)
    review.refresh_from_db()
    assert review.outcome == ReviewOutcome.COMPLETED


@pytest.mark.req("D31", "S22", "S14")
def test_never_himself_nor_an_agent_nor_another_establishment(
    client: Client, review: AccessReview, chief: User, bob: User, place: Establishment
) -> None:
    agent = make_staff("reviewer", delegations=("IDF",))
    make_access(user=agent, establishment=place)
    foreign = make_access()
    for person in (chief, agent, foreign.user):
        post(client, place, person, confirmed="oui", keep_rest="on", **choice(person, "gone"))
        assert state(person) == Status.ACTIVE
        with pytest.raises(Refused):
            flows.answer_review(chief, review.pk, person.public_id, choice="gone", now=LATER)
    assert post(client, foreign.establishment, bob, **choice(bob, "keep")).status_code == 404
    theirs = make_access(establishment=foreign.establishment, administrator=True).user
    with pytest.raises(Refused):
        flows.answer_review(theirs, review.pk, bob.public_id, choice="keep", now=LATER)
    assert said() == {}
    client.force_login(bob)
    assert client.get(PAGE).status_code == 404


def test_odd_posts_are_answered_in_words(
    client: Client, review: AccessReview, bob: User, place: Establishment
) -> None:
    for shown in ("", "x", "\x00", "0" * 32, "é" * 40):
        data = {"shown": [shown], f"choix-{bob.public_id}": "keep", "confirmed": "x"}
        answer = client.post(f"{PAGE}?etablissement={place.key}", data)
        assert answer.status_code in (200, 400), shown
    page = post(client, place, bob, **choice(bob, "oublier")).text
    assert "Choisissez l’une des trois réponses." in page
    assert said() == {}


def test_silence_deactivates_nobody_and_shows_to_the_delegation(
    client: Client, review: AccessReview, bob: User, place: Establishment
) -> None:
    over = review.due_at
    assert paris_date(over - timedelta(seconds=1)).isoformat() == "2026-10-17"
    assert not access_reviews.select_overdue_reviews(over - timedelta(seconds=1)).exists()
    flows.advance_reviews(over)
    assert list(access_reviews.select_overdue_reviews(over)) == [review]
    assert state(bob) == Status.ACTIVE
    assert not Mail.objects.filter(person=bob.public_id).exists()
    shown = "/admin/registrations/accessreview/?etat=sans-reponse"
    for code, sees in (("IDF", True), ("ARA", False)):
        with time_machine.travel(over, tick=False):
            agent = client_of(make_staff("reviewer", delegations=(code,)))
            assert ("Garage fictif du Port" in agent.get(shown).text) is sees
            home = agent.get("/admin/").text
        figure = 1 if sees else 0
        assert f'<a href="{shown}"><b>{figure}</b>' in home


def test_a_review_that_nobody_can_answer_any_more_is_not_called_complete(
    review: AccessReview, chief: User
) -> None:
    User.objects.filter(pk=chief.pk).update(status=Status.CLOSING)
    flows.advance_reviews(LATER)
    review.refresh_from_db()
    assert review.outcome == ReviewOutcome.UNANSWERED


def test_an_account_that_left_by_another_way_needs_no_answer(
    review: AccessReview, bob: User, chief: User
) -> None:
    User.objects.filter(pk=bob.pk).update(status=Status.CLOSING)
    # Ada alone is left, and nobody can answer for her: there is nothing to ask.
    assert flows.advance_reviews(LATER)["completed"] == 1
    with pytest.raises(Refused) as refused:
        flows.answer_review(chief, review.pk, bob.public_id, choice="keep", now=LATER)
    assert refused.value.code == "review_over"


def test_an_access_granted_since_the_opening_asks_nothing(
    client: Client, review: AccessReview, place: Establishment
) -> None:
    make_access(user=make_user(first_name="Neuf"), establishment=place, granted_at=LATER)
    page = client.get(PAGE).text
    assert "accordé après l’ouverture" in page and "1 compte à vérifier" in page


def test_old_reviews_go_and_the_next_one_is_counted_from_the_latest(
    review: AccessReview, bob: User
) -> None:
    limit, place = settings.RETENTION["access_reviews"], review.establishment
    ReviewAnswer.objects.create(
        review=review, user=bob, choice="keep", answered_at=DUE, answered_by=bob.public_id
    )
    over = {"outcome": ReviewOutcome.COMPLETED, "closed_at": DUE}
    AccessReview.objects.filter(pk=review.pk).update(**over)
    latest = AccessReview.objects.create(
        establishment=place, opened_at=LATER, due_at=LATER, **{**over, "closed_at": LATER}
    )
    end = LATER + limit + timedelta(days=1)
    User.objects.update(status=Status.DEACTIVATED_BY_ADMIN)  # so that none opens
    assert flows.advance_reviews(DUE + limit)["purged"] == 0
    assert flows.advance_reviews(end)["purged"] == 2  # with the answer
    assert list(AccessReview.objects.all()) == [latest]
