"""Whoever is deactivated by an administrator learns where, why and until when (R87, S59)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.leaving import account_departures
from accounts.people import account_states
from accounts.people.models import User
from lifecycle.engine.batches import RunReport
from lifecycle.engine.brakes import holds
from lifecycle.engine.settle import settle_cases
from mgestion.journal.actors import Actor
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail, MailStatus
from registrations.establishments import colleague_flows
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def letter() -> Any:
    message = build_message(Mail.objects.get(kind=account_departures.ADMIN_DEACTIVATED), NOW)
    assert message is not None
    return message


@pytest.mark.req("R87", "S59")
def test_the_mail_names_the_establishment_and_the_reason() -> None:
    place = make_establishment(name="Garage Fictif")
    ada = make_access(establishment=place, administrator=True).user
    basile = make_access(establishment=place).user
    colleague_flows.deactivate_colleague(ada, place.key, basile.public_id, reason="left", now=NOW)
    message = letter()
    for text in (message.text, message.html):
        assert "l’établissement Garage Fictif (SIRET" in text
        assert "la personne a quitté l’établissement" in text
        assert "OPCO Mobilités a désactivé" not in text
        assert "adressez-vous à l’administrateur de votre établissement" in text


@pytest.mark.req("R87", "S59")
def test_the_mail_of_an_agent_says_that_it_was_opco() -> None:
    agent, user = make_staff("national"), make_user()
    account_departures.deactivate_account(
        user, actor=Actor.staff(agent), reason="duplicate", note="vu au téléphone", now=NOW
    )
    message = letter()
    assert "OPCO Mobilités a désactivé votre compte" in message.text
    assert "compte en double" in message.text
    assert "vu au téléphone" not in message.text  # the note is for the journal
    assert "l’administrateur de votre établissement" not in message.text


@pytest.mark.req("D27", "S59")
def test_a_mail_that_is_queued_anew_says_the_same() -> None:
    agent, user = make_staff("national"), make_user()
    account_departures.deactivate_account(
        user, actor=Actor.staff(agent), reason="left", where="Garage Fictif", now=NOW
    )
    settle_cases(RunReport(now=NOW))
    Mail.objects.filter(kind=account_departures.ADMIN_DEACTIVATED).update(status=MailStatus.DEAD)
    settle_cases(RunReport(now=NOW + timedelta(hours=1)))
    holds.release_hold(user, actor=Actor.staff(agent), now=NOW + timedelta(hours=2))
    again = Mail.objects.get(kind=account_departures.ADMIN_DEACTIVATED, status=MailStatus.QUEUED)
    assert again.data == {"reason": "left", "where": "Garage Fictif"}


@pytest.mark.req("S59", "D42")
def test_a_login_refused_says_the_date_of_the_deletion() -> None:
    user = User(status="deactivated_by_admin", revivable_until=None)
    assert "sera supprimé" not in account_states.check_sign_in(user, NOW).message
    user.revivable_until = NOW + timedelta(days=3)
    gate = account_states.check_sign_in(user, NOW)
    assert not gate.allowed
    assert "Sans réactivation, il sera supprimé après le" in gate.message
    late = account_states.check_sign_in(user, NOW + timedelta(days=4))
    assert "délai pour le réactiver est écoulé" in late.message
