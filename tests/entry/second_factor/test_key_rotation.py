"""A leaked FACTOR_KEY can be dropped once nothing leans on it any more."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from pytest_django import Settings

from accounts.entry.second_factor import key_rotation
from accounts.entry.second_factor.factors import UNUSED_CODES, adapter
from accounts.profile.export.encryption import count_copies, encrypt_copy
from accounts.profile.models import DataExport
from mgestion.journal.models import Entry
from tests.factories.habilitations import make_user
from tests.factories.people import NOW

pytestmark = pytest.mark.django_db
OLD, NEW = "old-key", "new-key"


def keys(*arguments: str) -> str:
    out = StringIO()
    call_command("keys", *arguments, stdout=out)
    return out.getvalue()


def test_secrets_move_to_the_first_key_and_the_old_one_can_be_dropped(settings: Settings) -> None:
    settings.FACTOR_KEYS = [OLD]
    user = make_user()
    kinds = Authenticator.Type
    secret = {"secret": adapter.encrypt("SECRET"), "last_step": 7}
    application = Authenticator.objects.create(user=user, type=kinds.TOTP, data=secret)
    codes = Authenticator.objects.create(
        user=user,
        type=kinds.RECOVERY_CODES,
        data={UNUSED_CODES: [adapter.encrypt("one"), adapter.encrypt("two")]},
    )
    Authenticator.objects.create(user=make_user(), type=kinds.WEBAUTHN, data={"credential": {}})
    settings.FACTOR_KEYS = [NEW, OLD]
    assert "FACTOR_KEY: 2 of 2 under an old key" in keys()
    assert key_rotation.count_secrets() == (2, 2)  # nothing was written
    said = keys("--apply")
    assert "FACTOR_KEY: 2 moved" in said and "FACTOR_KEY: 0 of 2 under an old key" in said
    entry = Entry.objects.get(act="key.rotated")
    assert (entry.object_id, entry.detail.data) == ("FACTOR_KEY", {"rows": 2})
    assert "FACTOR_KEY: 0 moved" in keys("--apply")
    assert Entry.objects.filter(act="key.rotated").count() == 1
    settings.FACTOR_KEYS = [NEW]
    application.refresh_from_db()
    codes.refresh_from_db()
    assert adapter.decrypt(application.data["secret"]) == "SECRET"
    assert application.data["last_step"] == 7
    assert [adapter.decrypt(code) for code in codes.data[UNUSED_CODES]] == ["one", "two"]


def test_a_secret_that_no_key_opens_is_counted_and_left(settings: Settings) -> None:
    settings.FACTOR_KEYS = [OLD]
    lost = {"secret": adapter.encrypt("SECRET")}
    row = Authenticator.objects.create(user=make_user(), type=Authenticator.Type.TOTP, data=lost)
    settings.FACTOR_KEYS = [NEW]
    assert key_rotation.count_secrets() == (1, 1)
    with pytest.raises(InvalidToken):
        key_rotation.reencrypt_secrets()
    row.refresh_from_db()
    assert row.data == lost


def test_copies_under_an_old_secret_key_are_counted(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    when = {"asked_at": NOW, "ready_at": NOW, "expires_at": NOW}
    DataExport.objects.create(user=make_user(), sealed=encrypt_copy({}), **when)
    assert count_copies() == (1, 0)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert count_copies() == (1, 1)
    said = keys()
    assert "SECRET_KEY: 1 of 1 under an old key" in said
    assert "SECRET_KEY: 1 old values verify" in said
