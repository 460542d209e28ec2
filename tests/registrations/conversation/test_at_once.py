"""Messages on two connections of PostgreSQL at the same moment."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from mgestion.errors import WrongState
from mgestion.outbox.models import Mail
from registrations.conversation import flows
from registrations.conversation.models import RequestMessage
from registrations.enrolment.amend_flows import cancel_request
from registrations.requests.models import Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import load_reference
from tests.factories.registrations import make_request
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TOKEN = UUID("9b2d1c1e-6f0a-4c55-8f58-0d3f2f1f7a11")
LATER = NOW + timedelta(hours=1)


def _send(request: Request) -> Callable[[], object]:
    return lambda: flows.send_message(
        request.pk, user=request.user, text="Bonjour.", form_token=TOKEN, now=LATER
    )


def test_the_same_form_twice_at_once_is_one_message_and_one_mail() -> None:
    load_reference()
    request = make_request()
    outcomes = run_together(_send(request), _send(request))
    assert not any(isinstance(outcome, Exception) for outcome in outcomes)
    assert RequestMessage.objects.count() == 1
    assert Mail.objects.filter(kind=flows.TO_DESK_MAIL).count() == 1


def test_a_message_and_the_end_of_the_request_at_once() -> None:
    """Either it came before the end, or its author is told why it did not."""
    load_reference()
    request = make_request()
    outcomes = run_together(_send(request), lambda: cancel_request(request.pk, request.user, LATER))
    assert not isinstance(outcomes[1], Exception)
    came = RequestMessage.objects.exists()
    assert came != isinstance(outcomes[0], WrongState)
    request.refresh_from_db()
    assert request.status == "cancelled"
    assert request.desk_unread_since is None
