"""After a restored backup: who was erased is erased again, and nobody misses what follows (D62)."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.habilitations.accesses import change_feed
from accounts.habilitations.api import people_feed
from accounts.habilitations.enums import ChangeKind
from accounts.habilitations.platforms.models import Platform
from accounts.leaving import erasure_list
from accounts.people.models import User
from lifecycle.engine import retention
from lifecycle.enums import LedgerLine
from lifecycle.ledger import entries
from tests.factories.habilitations import make_access, make_user
from tests.lifecycle.shell.test_command import NOW, lifecycle

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
    pytest.mark.req("D62"),
    pytest.mark.both,
]


@pytest.fixture(autouse=True)
def _list(settings: Settings, tmp_path: Path) -> None:
    settings.ERASURE_LIST = tmp_path / "erasures.jsonl"


def test_one_whom_the_portal_cannot_be_without_keeps_nobody_else() -> None:
    """His successor was named after the backup."""
    boss, people = make_user(is_staff=True, is_superuser=True), [make_user() for _ in range(2)]
    users = [people[0], boss, people[1]]
    erasure_list.write_erasures(erasure_list.DONE, [user.public_id for user in users], NOW)
    out, _, code = lifecycle("reconcile", "--apply")
    assert code == 4
    assert "2\u00a0comptes effacés à nouveau." in out
    assert f"refusé\u00a0: {boss.public_id}" in out
    assert list(User.objects.all()) == [boss]
    assert not entries.list_account_entries(boss.public_id)
    assert [line.line for line in entries.list_account_entries(people[0].public_id)] == [
        LedgerLine.DELETED
    ]
    make_user(is_staff=True, is_superuser=True)
    assert lifecycle("reconcile", "--apply")[2] == 0
    assert not User.objects.filter(pk=boss.pk).exists()


def test_a_platform_that_had_read_further_than_the_backup_misses_no_change() -> None:
    access = make_access(platform=Platform.objects.get(code="m-contributions"))
    platform = access.platform
    change_feed.record_access_change(access, ChangeKind.GRANTED, now=NOW)  # 1: in the backup
    read = 3  # two more are lost with what came after it
    erasure_list.write_erasures(erasure_list.DONE, [access.user.public_id], NOW)
    lifecycle("reconcile", "--apply")
    found = people_feed.list_changes(platform, since=read, limit=10)
    assert [line["kind"] for line in found["changes"]] == ["erased"]
    assert found["next"] > read
    assert lifecycle("reconcile")[2] == 0  # a look changes no number
    again = people_feed.list_changes(platform, since=read, limit=10)
    assert again["next"] == found["next"]


def test_a_torn_line_takes_no_other_with_it() -> None:
    one, two = make_user(), make_user()
    erasure_list.write_erasures(erasure_list.DONE, [one.public_id], NOW)
    with erasure_list.get_erasure_list_path().open("ab") as file:
        file.write(b'{"w": "meant", "id": "0f\xff')  # the disk was full
    erasure_list.write_erasures(erasure_list.DONE, [two.public_id], NOW)
    assert set(erasure_list.read_erased()) == {one.public_id, two.public_id}
    with erasure_list.get_erasure_list_path().open("ab") as file:
        file.write(b"[1, 2]\nnull\n")
    assert set(erasure_list.read_erased()) == {one.public_id, two.public_id}
    assert erasure_list.forget_old_erasures(NOW + timedelta(days=1)) == 2


@pytest.mark.parametrize("enabled", [True, False])
def test_a_restored_database_does_not_answer_for_the_one_that_was_lost(
    settings: Settings, enabled: bool
) -> None:
    """The daily upkeep asks it who was erased, unless the lifecycle is off, as the guide says."""
    user = make_user()
    erasure_list.write_erasures(erasure_list.MEANT, [user.public_id], NOW)
    settings.LIFECYCLE_ENABLED = enabled
    retention.purge_lifecycle_records(NOW + timedelta(days=2))
    assert (set(erasure_list.read_undecided()) == set()) is enabled


def test_a_list_that_is_not_there_is_never_taken_for_nobody() -> None:
    make_user()
    for words in (("reconcile",), ("reconcile", "--apply")):
        out, said, code = lifecycle(*words)
        assert code == 1
        assert str(erasure_list.get_erasure_list_path()) in out and "0\u00a0ligne" in out
        assert "n’existe pas" in said
    erasure_list.get_erasure_list_path().touch()
    _, said, code = lifecycle("reconcile", "--apply")
    assert code == 1 and "aucun effacement" in said
    assert lifecycle("reconcile", "--apply", "--accept-list")[2] == 0


def test_a_list_older_than_the_restored_ledger_erases_nobody_unless_asked() -> None:
    """Somebody put back the list of the backup."""
    back, other = make_user(), make_user()
    erasure_list.write_erasures(erasure_list.DONE, [back.public_id], NOW - timedelta(days=3))
    entries.write_ledger_entries(
        [
            entries.build_ledger_entry(
                other.public_id, LedgerLine.DELETED, now=NOW - timedelta(days=2)
            )
        ]
    )
    out, said, code = lifecycle("reconcile", "--apply")
    assert (code, User.objects.filter(pk=back.pk).exists()) == (1, True)
    assert "1\u00a0ligne, la plus récente du" in out and "plus ancien" in said
    assert lifecycle("reconcile", "--apply", "--accept-list")[2] == 0
    assert not User.objects.filter(pk=back.pk).exists()


def test_a_list_as_new_as_the_restored_ledger_is_read() -> None:
    back = make_user()
    erasure_list.write_erasures(erasure_list.DONE, [back.public_id], NOW)
    entries.write_ledger_entries(
        [entries.build_ledger_entry(back.public_id, LedgerLine.DELETED, now=NOW)]
    )
    out, _, code = lifecycle("reconcile")
    assert code == 0 and "1\u00a0compte à effacer" in out
