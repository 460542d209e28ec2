"""Deleting people: one implementation for the lifecycle and the désinscription (S27, R103)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q

from accounts.models import User
from mgestion import slots
from mgestion.journal.models import Detail
from mgestion.outbox.models import Mail, MailStatus


def erase(user_ids: Sequence[int], *, cause: str, now: datetime) -> None:
    """Removes these accounts and every trace of them, in the current transaction (D29).

    What each room keeps of a person is an entry of `slots.personal_data`, erased by set. Mails and
    journal details go as well; journal lines stay, since they name nobody. RuntimeError outside a
    transaction: half an account is worse than one.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An erasure needs the transaction of what decided it.")
    people = dict(User.objects.filter(pk__in=user_ids).values_list("pk", "public_id"))
    for _, entry in slots.personal_data.items():
        entry.erase(list(people), list(people.values()), now)
    Detail.objects.filter(person__in=people.values()).delete()
    mails = Mail.objects.filter(person__in=people.values())
    mails.filter(~Q(status=MailStatus.SENT)).update(status=MailStatus.DROPPED)
    mails.update(person=None, to="", subject="", text="", html="", data={}, last_error="")
    User.objects.filter(pk__in=list(people)).delete()
