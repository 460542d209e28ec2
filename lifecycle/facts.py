"""From rows to what the rules read: the same for the plan, the claim and « explain »."""

from collections.abc import Sequence

from accounts.habilitations.models import Access
from accounts.models import User
from lifecycle import querysets
from lifecycle.enums import CaseState
from lifecycle.models import Hold, LifecycleCase, Reminder
from lifecycle.policy import CaseFacts, Facts
from registrations.enums import OPEN_STATUSES
from registrations.models import Request


def gather(users: Sequence[User]) -> dict[int, Facts]:
    """The facts of these accounts, in six statements whatever their number. User pk → facts."""
    ids = [user.pk for user in users]
    cases = {
        case.user_id: CaseFacts(case.state, case.anchor, case.due_at)
        for case in LifecycleCase.objects.filter(
            # A notice; what became of a deactivation is on the account itself.
            user__in=ids,
            closed_at__isnull=True,
            state__in=(CaseState.NOTICE_QUEUED, CaseState.NOTIFIED),
        )
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
            revivable_until=user.revivable_until,
            case=cases.get(user.pk),
            held=everything or user.pk in held,
            open_request=user.pk in asking,
            back_office=user.is_staff and user.pk not in entitled,
            last_superuser=user.pk in lone,
            reminded=user.pk in reminded,
        )
        for user in users
    }
