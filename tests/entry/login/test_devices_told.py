"""A login from a new browser is told by mail; the others are not (S10)."""

import pytest
from django.test import Client

from mgestion.outbox.models import Mail
from tests.factories.people import ADDRESS, letters, log_in, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
AGENT = "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Firefox/145.0"


@pytest.mark.req("S10")
def test_a_new_browser_is_told_and_a_known_one_is_not() -> None:
    person()
    first = Client()
    log_in(first)
    assert letters("entry.new_device") == []  # the first login of all surprises nobody
    second = Client(headers={"User-Agent": AGENT}, REMOTE_ADDR="203.0.113.7")
    log_in(second)
    (message,) = letters("entry.new_device")
    assert message.to == ADDRESS
    for shown in ("Firefox, Windows", "203.0.113.7", "heure de Paris"):
        assert shown in message.text
    log_in(first)
    log_in(second)
    assert Mail.objects.filter(kind="entry.new_device").count() == 1


@pytest.mark.req("S8")
def test_a_refused_login_tells_nothing() -> None:
    person()
    log_in(Client())
    log_in(Client(), password="Tramway-Rouge-2026")
    assert letters("entry.new_device") == []
