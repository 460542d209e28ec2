"""Who may administer the portal: by a superuser's right, or by a right that a higher package gives.

The last one never leaves: nobody else could name another. Higher packages hand their rule
down (`slots.administrators`), since this package does not know what an agent is.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from accounts.people.enums import Status
from accounts.people.models import User
from mgestion import slots
from mgestion.errors import Refused


def administers_by_rule(user: str = "pk") -> Q:
    """A right given by a higher package to the account in the column `user`."""
    rules = [Q(rule(user)) for rule in slots.administrators.values()]
    return reduce(or_, rules, Q(pk__in=[]))


def select_able_administrators() -> QuerySet[User]:
    """Who can administer the portal now, by any right. `is_staff` leads to the index
    `user_idle_staff`.
    """
    return User.objects.filter(is_staff=True, status=Status.ACTIVE).filter(
        administers_by_any_right()
    )


def lock_administrators(also: Iterable[int] = ()) -> None:
    """Locks whoever can administer the portal, and the accounts `also`, in the order of the keys.

    Of two administrators who send each other away at the same moment, the second waits here, and
    what they read next says that they are the last one. To be called before any other lock of
    accounts.
    """
    found = set(select_able_administrators().values_list("pk", flat=True)).union(also)
    list(User.objects.filter(pk__in=found).order_by("pk").select_for_update().values_list("pk"))


def refuse_last_administrator(leaving: Collection[int]) -> None:
    """Raises Refused when nobody would be left to administer the portal without the accounts
    `leaving`, of whom one has the right. True until the commit only under `lock_administrators`.
    """
    if (
        User.objects.filter(administers_by_any_right(), pk__in=leaving).exists()
        and not select_able_administrators().exclude(pk__in=leaving).exists()
    ):
        raise Refused(
            "last_superuser",
            "C’est le dernier administrateur national\u00a0: nommez-en d’abord un autre.",
        )


def find_last_administrator(leaving: Sequence[User]) -> set[int]:
    """When `leaving` holds all who can administer the portal, the key of the one seen last, who
    must stay (D24); nothing otherwise.
    """
    agents = {user.pk: user for user in leaving if user.is_staff or user.is_superuser}
    if not agents:
        return set()
    # Locked, so that two workers with one of them each cannot both act.
    standing = set(
        select_able_administrators().select_for_update().order_by("pk").values_list("pk", flat=True)
    )
    ours = {pk: user for pk, user in agents.items() if pk in standing}
    if standing - set(ours) or not ours:
        return set()
    return {max(ours.values(), key=lambda user: (user.clock_from, user.pk)).pk}


def administers_by_any_right() -> Q:
    """Any right to administer the portal, whatever the state of the account."""
    return Q(is_superuser=True) | administers_by_rule()
