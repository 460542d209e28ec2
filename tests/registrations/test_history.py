"""The history of a request stays as it was written, whoever holds the connection."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.leaving.account_erasure import erase_accounts
from mgestion.database.append_only import purge_window
from registrations.requests.models import RequestEvent
from tests.factories.accounts import NOW
from tests.factories.registrations import make_request

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("reference"), pytest.mark.django_db]


@pytest.mark.req("R46", "S30")
def test_the_database_itself_refuses_to_change_a_history() -> None:
    make_request()
    before = list(RequestEvent.objects.values())
    assert before
    for statement in (
        "UPDATE registrations_requestevent SET act = 'x'",
        "UPDATE registrations_requestevent SET internal_note = ''",
        "DELETE FROM registrations_requestevent",
    ):
        with pytest.raises(IntegrityError, match="requestevent"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)
        assert list(RequestEvent.objects.values()) == before, statement
    # No update passes even while the purge window is open.
    with pytest.raises(IntegrityError), transaction.atomic(), purge_window():
        RequestEvent.objects.update(text="autre chose")


@pytest.mark.req("D62", "S27")
def test_an_erasure_takes_the_whole_history_of_its_person_and_no_other() -> None:
    gone, other = make_request(), make_request()
    erase_accounts([gone.user_id], cause="test", now=NOW)
    assert set(RequestEvent.objects.values_list("request_id", flat=True)) == {other.pk}
    with pytest.raises(IntegrityError), transaction.atomic():  # the window is closed again
        RequestEvent.objects.all().delete()
