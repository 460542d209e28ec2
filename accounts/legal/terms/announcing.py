"""Telling people of a version before it takes effect, a batch at each sweep: everybody of the
terms, who has an access on a platform of its specific conditions.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.habilitations.accesses.models import Access
from accounts.legal.models import TermsNotice, TermsVersion, TermsWithdrawal
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.flows import NewMail, queue_mails

KIND: Final = "legal.terms_notice"
WITHDRAWN: Final = "legal.terms_withdrawn"
BATCH: Final = 1000


def announce_versions(now: datetime, limit: int = BATCH) -> dict[str, int]:
    """Queues the mail of the next `limit` accounts for each version to come. Once the date has
    passed, the gate says it instead.
    """
    coming = TermsVersion.objects.published().filter(effective_at__gt=now).order_by("effective_at")
    told = {version.slug: _queue_notices(version, now, limit) for version in coming.defer("body")}
    taken_back = TermsWithdrawal.objects.filter(finished_at__isnull=True).order_by("pk")
    for pk in list(taken_back.values_list("pk", flat=True)):
        told.update(_queue_withdrawal_mails(pk, now, limit))
    return told


@transaction.atomic
def _queue_withdrawal_mails(pk: int, now: datetime, limit: int) -> dict[str, int]:
    """To those whom the announcement had come to, in the same order; its own mail says nothing to
    anybody whose announcement never left.
    """
    locked = TermsWithdrawal.objects.select_for_update(of=("self",))
    row = locked.select_related("version").get(pk=pk)
    notice = TermsNotice.objects.filter(version=row.version).first()
    # Whoever was told, whether or not they still have the access.
    told = _select_people(row.version, Access.objects.all(), after=row.last_user)
    people = list(told.filter(pk__lte=notice.last_user if notice else 0)[:limit])
    slug = row.version.slug
    if people:
        letters = [NewMail(subject=key, cycle=slug, person=key) for _, key in people]
        queue_mails(WITHDRAWN, letters, now=now)
        row.last_user = people[-1][0]
        row.told += len(people)
    if len(people) < limit:
        row.finished_at = now
    row.save(update_fields=["last_user", "told", "finished_at"])
    return {f"{slug}-withdrawn": len(people)}


@transaction.atomic
def _queue_notices(version: TermsVersion, now: datetime, limit: int) -> int:
    """In the order of the accounts' keys, the place kept in the same transaction as the mails: a
    crash repeats a batch, and the mails' keys make that one mail each.
    """
    TermsNotice.objects.bulk_create([TermsNotice(version=version)], ignore_conflicts=True)
    notice = TermsNotice.objects.select_for_update().get(version=version)
    if notice.finished_at is not None:
        return 0
    concerned = _select_people(version, Access.objects.open(), after=notice.last_user)
    people = list(concerned[:limit])
    letters = [
        NewMail(subject=public_id, cycle=version.slug, person=public_id) for _, public_id in people
    ]
    if letters:
        queue_mails(KIND, letters, now=now)
        notice.last_user = people[-1][0]
        notice.told += len(people)
    if len(people) < limit:
        notice.finished_at = now
    notice.save(update_fields=["last_user", "told", "finished_at"])
    return len(people)


def _select_people(
    version: TermsVersion, accesses: QuerySet[Access], *, after: int
) -> "QuerySet[User, tuple[int, UUID]]":
    """Keys and public ids of the active accounts that `version` binds, in their order; for specific
    conditions, those with one of `accesses` on their platform.
    """
    people = User.objects.filter(pk__gt=after, status=Status.ACTIVE)
    if version.platform_id is not None:
        theirs = accesses.filter(user=OuterRef("pk"), platform=version.platform_id)
        people = people.filter(Exists(theirs))
    return people.order_by("pk").values_list("pk", "public_id")
