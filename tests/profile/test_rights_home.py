"""The home of who answers the requests on rights says what waits, and from when it is late."""

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.profile.models import RightsRequest
from tests.factories.habilitations import NOW, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
TODAY = NOW.date()


def waiting(due: date, state: str = "received") -> RightsRequest:
    return RightsRequest.objects.create(
        right="access",
        channel="post",
        received_on=due - timedelta(days=30),
        due_on=due,
        state=state,
        settled_at=NOW if state == "answered" else None,
        created_at=NOW,
    )


def home(client: Client, role: str) -> str:
    client.force_login(make_staff(role), backend="accounts.entry.login.backends.PasswordBackend")
    return client.get("/admin/").text


def test_the_dpo_reads_what_waits_and_which_comes_first(client: Client) -> None:
    late = waiting(TODAY - timedelta(days=1))
    waiting(TODAY + timedelta(days=7))
    waiting(TODAY + timedelta(days=40))
    waiting(TODAY - timedelta(days=9), "answered")
    page = home(client, "dpo")
    assert "<b>3</b> À traiter" in page
    assert (
        '<li class="is-late"><a href="/admin/profile/rightsrequest/?echeance=retard"><b>1' in page
    )
    assert "<b>1</b> Dans les 7\u00a0jours" in page
    assert f"Traiter la première\u00a0: {late.reference}".replace("\u00a0", "&nbsp;") in page


def test_nothing_that_waits_is_said_too(client: Client) -> None:
    assert "Aucune demande n’attend de réponse." in home(client, "dpo")


def test_others_are_not_told(client: Client) -> None:
    waiting(TODAY)
    for role in ("reviewer", "auditor", "national"):
        assert "rights-title" not in home(client, role), role
