"""From rows to what the rules read: the same for the plan, the claim and « explain »."""

from collections.abc import Sequence
from datetime import datetime

from accounts.enums import Status
from accounts.habilitations.models import Access
from accounts.models import User
from lifecycle import config, querysets
from lifecycle.enums import CaseState
from lifecycle.models import Hold, LifecycleCase, Reminder
from lifecycle.policy import CaseFacts, Facts, binding_last_day
from mgestion.dates import end_of_paris_day
from registrations.enums import OPEN_STATUSES
from registrations.models import Request


def gather(users: Sequence[User]) -> dict[int, Facts]:
    """The facts of these accounts, in six statements whatever their number. User pk → facts."""
    ids = [user.pk for user in users]
    open_cases = {
        case.user_id: case
        for case in LifecycleCase.objects.filter(
            user__in=ids, closed_at__isnull=True
        ).select_related("mail")
    }
    held = set(
        Hold.objects.filter(user__in=ids, released_at__isnull=True).values_list(
            "user_id", flat=True
        )
    )
    asking = set(
        Request.objects.filter(user__in=ids, status__in=OPEN_STATUSES).values_list(
            "user_id", flat=True
        )
    )
    staff = [user.pk for user in users if user.is_staff or user.is_superuser]
    entitled = (
        set(
            Access.objects.filter(user__in=staff, ended_at__isnull=True).values_list(
                "user_id", flat=True
            )
        )
        if staff
        else set()
    )
    reminded = set(Reminder.objects.filter(user__in=ids).values_list("user_id", flat=True))
    lone = querysets.lone_superuser()
    everything = querysets.all_held()
    return {
        user.pk: Facts(
            status=user.status,
            clock_from=user.clock_from,
            created_at=user.created_at,
            revivable_until=_deadline(user, open_cases.get(user.pk)),
            case=_notice(user, open_cases.get(user.pk)),
            held=everything or user.pk in held,
            open_request=user.pk in asking,
            back_office=user.is_staff and user.pk not in entitled,
            last_superuser=user.pk in lone,
            reminded=user.pk in reminded,
        )
        for user in users
    }


def _notice(user: User, case: LifecycleCase | None) -> CaseFacts | None:
    """The notice that runs for an active account. One whose mail is accepted counts as bound, even
    before the sweep has written it down.
    """
    if user.status != Status.ACTIVE or case is None:
        return None
    if case.state not in (CaseState.NOTICE_QUEUED, CaseState.NOTIFIED):
        return None
    due = case.due_at or _accepted(case, config.rules().notice_days)
    return CaseFacts(CaseState.NOTIFIED if due else case.state, case.anchor, due)


def _deadline(user: User, case: LifecycleCase | None) -> datetime | None:
    """Until when a deactivated account may come back, as the sweep will write it if it has not."""
    if user.revivable_until is not None or case is None:
        return user.revivable_until
    if case.deactivated_at is None or case.deactivated_at != user.status_since:
        return None
    return case.due_at or _accepted(case, config.rules().grace_days)


def _accepted(case: LifecycleCase, days: int) -> datetime | None:
    mail = case.mail
    if mail is None or mail.accepted_at is None:
        return None
    return end_of_paris_day(binding_last_day(mail.deadline, mail.accepted_at, days))
