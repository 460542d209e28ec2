"""A copy of everything held about a person: asked, made by a worker, read for a day."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.people.models import User
from accounts.profile.acts import ProfileAct
from accounts.profile.export import encryption, personal_copy
from accounts.profile.models import DataExport
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry
from mgestion.outbox.flows import queue_mail

READY: Final = "profile.export_ready"
BUILDER: Final = Actor.system("profile.exports")
LEASE: Final = timedelta(minutes=5)  # a worker that died: the next sweep after that takes over
BATCH: Final = 20
_log = logging.getLogger(__name__)


@transaction.atomic
def ask_for_export(user: User, *, now: datetime) -> DataExport:
    """Queues a copy. One that is in the making is the same one. Raises Refused beyond
    EXPORTS_PER_DAY in 24 hours.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two clicks at once
    mine = DataExport.objects.filter(user=user)
    waiting = mine.filter(ready_at__isnull=True).first()
    if waiting is not None:
        return waiting
    # A row lives for a day after it was made, so that none of the last 24 hours is gone.
    if mine.filter(asked_at__gt=now - timedelta(days=1)).count() >= settings.EXPORTS_PER_DAY:
        raise Refused(
            "export.too_many",
            f"Vous avez déjà demandé {settings.EXPORTS_PER_DAY}\u00a0copies en 24\u00a0heures. "
            "Revenez demain.",
        )
    made = DataExport.objects.create(user=user, asked_at=now)
    _write_export_entry(ProfileAct.DATA_EXPORT_ASKED, user, Actor.person(user), now)
    return made


def build_due_exports(now: datetime, limit: int = BATCH) -> dict[str, int]:
    """Makes the copies that wait, oldest first. One that fails is tried again after its lease and
    stops no other; the failure is raised at the end, so that the job is seen to fail.
    """
    counts = {"built": 0, "gone": 0}
    trouble: Exception | None = None
    waiting = _select_free(now).order_by("asked_at").values_list("pk", flat=True)
    for pk in list(waiting[:limit]):
        # Where rows can't be locked, and between two workers, this is what decides.
        if not _select_free(now).filter(pk=pk).update(claimed_until=now + LEASE):
            continue
        try:
            counts["built" if _build_export(pk, now) else "gone"] += 1
        except Exception as error:  # noqa: BLE001  # raised below, once the others are made
            _log.exception("The copy %s can't be made", pk)
            trouble = error
    if trouble is not None:
        raise trouble
    return counts


def _select_free(now: datetime) -> QuerySet[DataExport]:
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    return DataExport.objects.filter(unclaimed, ready_at__isnull=True)


@transaction.atomic
def _build_export(pk: Any, now: datetime) -> bool:
    """False when the person was erased meanwhile. The account is locked: an erasure comes either
    before, or after the copy is in its row, and takes it along.
    """
    user = User.objects.select_for_update().filter(pk__in=_find_owner(pk)).first()
    if user is None:
        return False
    sealed = encryption.encrypt_copy(personal_copy.collect_personal_copy(user, now))
    made = DataExport.objects.filter(pk=pk, ready_at__isnull=True).update(
        sealed=sealed, ready_at=now, expires_at=now + settings.EXPORT_LIFE, claimed_until=None
    )
    if made:
        _write_export_entry(ProfileAct.DATA_EXPORT_BUILT, user, BUILDER, now)
        queue_mail(READY, subject=pk, person=user.public_id, now=now)
    return bool(made)


def _find_owner(pk: Any) -> QuerySet[Any, Any]:
    return DataExport.objects.filter(pk=pk).values("user_id")


def download_export(user: User, document: DataExport, *, now: datetime) -> None:
    """Says in the journal that the file was taken."""
    _write_export_entry(ProfileAct.DATA_EXPORTED, user, Actor.person(user), now)


def select_readable_exports(
    user: User, pk: Any, now: datetime
) -> tuple[DataExport, dict[str, Any]] | None:
    """This person's copy and what it says, while it may be read; None for anything else."""
    row = DataExport.objects.filter(pk=pk, user=user, expires_at__gt=now).first()
    document = encryption.decrypt_copy(row.sealed) if row is not None else None
    return None if row is None or document is None else (row, document)


def find_latest_export(user: User) -> DataExport | None:
    """The last copy asked for, expired or not, without its content."""
    return DataExport.objects.filter(user=user).defer("sealed").order_by("-asked_at").first()


def purge_expired_exports(now: datetime) -> dict[str, int]:
    """Copies whose day is over."""
    return {"exports": DataExport.objects.filter(expires_at__lte=now).delete()[0]}


def _write_export_entry(act: ProfileAct, user: User, actor: Actor, now: datetime) -> None:
    write_account_entry(act, user.public_id, actor=actor, now=now)
