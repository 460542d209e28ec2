"""An empty portal gets its first national administrator without a password in any shell."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.models import User
from tests.factories.people import log_in, mailed_path, settle

pytestmark = pytest.mark.django_db
ADDRESS = "nadia.fictive@opco.example.org"
PASSWORD = "Passerelle-Bleue-De-Service-2026"


@pytest.mark.req("S19", "S12")
def test_the_command_opens_the_account_and_the_mailed_link_its_password(
    client: Client, now: Any, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    call_command("createsuperuser", email=ADDRESS, interactive=False, verbosity=0)
    user = User.objects.get(email=ADDRESS)
    assert not user.has_usable_password()
    staff = get_staff(user)
    assert staff is not None
    assert staff.role == StaffRole.NATIONAL
    client.post("/mot-de-passe/oublie/", {"email": ADDRESS})
    settle(now)
    link = mailed_path("entry.reset", "/mot-de-passe/")
    client.get(link)
    response = client.post(link, {"password1": PASSWORD, "password2": PASSWORD})
    assert response.status_code == 303
    assert log_in(client, ADDRESS, PASSWORD).status_code == 303
    # No page of the administration before a second factor.
    assert client.get("/admin/")["Location"].startswith("/compte/second-facteur/")


def test_a_second_one_of_the_same_address_is_refused_in_words() -> None:
    call_command("createsuperuser", email=ADDRESS, interactive=False, verbosity=0)
    with pytest.raises(CommandError, match="already"):
        call_command("createsuperuser", email=ADDRESS, interactive=False, verbosity=0)
    assert User.objects.count() == 1
