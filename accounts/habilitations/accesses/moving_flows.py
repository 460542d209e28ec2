"""An access that hangs on the wrong establishment is moved to the right one by an agent."""

from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.habilitations.accesses import change_feed, flows
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import select_administrators
from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.enums import ChangeKind
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.outbox.flows import queue_mail

MOVED_MAIL: Final = "habilitations.access_moved"
MOVED_AWAY_MAIL: Final = "habilitations.access_moved_away"


@transaction.atomic
def move_access(
    access_id: int, *, to: Establishment, reason: str, actor: Actor, now: datetime
) -> Access:
    """End an open access and grant the same role for another establishment, in one act.

    Two rows, because the platform's feed and the journal name what each was. The person and the
    administrators of both are told. Whether the agent may act for `to` is the caller's question.
    `reason` is the agent's words, kept on the new access. Raises Refused, WrongState.
    """
    access = flows.lock_access(access_id)
    flows.refuse_own_access(access.user, actor)
    reason = reason.strip()
    if not reason:
        raise Refused("reason_needed", "Dites pourquoi l’accès change d’établissement.")
    if access.ended_at is not None:
        raise WrongState("no_access", "Cet accès n’est plus ouvert\u00a0: il n’a pas été déplacé.")
    if to.pk == access.establishment_id:
        raise Refused("same_place", "Cet accès est déjà au nom de cet établissement.")
    flows.require_open_platform(access.platform)
    flows.refuse_firm_on_mgestion(access.platform, to)
    there = {"user": access.user, "platform": access.platform, "establishment": to}
    if Access.objects.suspended().filter(**there).exists():
        raise Refused(
            "suspended_there",
            f"{access.user} a un accès suspendu à {access.platform} pour cet établissement\u00a0: "
            "rétablissez-le, ou mettez-y fin d’abord.",
        )
    facts = flows.build_grant_values(access.role, access.dashboard, actor, reason, now)
    # The unique constraint decides between this act and a grant at the same moment.
    moved, created = Access.objects.get_or_create(**there, ended_at=None, defaults=facts)
    if not created:
        raise Refused(
            "held_there",
            f"{access.user} a déjà un accès à {access.platform} pour cet établissement.",
        )
    moved.moved_from = access
    moved.save(update_fields=["moved_from"])
    access.ended_at, access.ended_by = now, actor.account_id
    access.save(update_fields=["ended_at", "ended_by"])
    change_feed.record_access_changes(
        [(access, ChangeKind.ENDED, now), (moved, ChangeKind.GRANTED, now)]
    )
    for row in (access, moved):
        flows.write_access_entry(
            HabilitationAct.ACCESS_MOVED,
            row,
            actor,
            now,
            {
                "role": row.role,
                "platform": row.platform.code,
                "before": access.establishment.siret,
                "after": to.siret,
            },
        )
    _mail_everybody(access, moved, now)
    return moved


def _mail_everybody(access: Access, moved: Access, now: datetime) -> None:
    cycle = f"access-{moved.pk}"
    said = {"access": moved.pk, "from": access.pk}
    person = access.user.public_id
    queue_mail(MOVED_MAIL, person=person, cycle=cycle, data=said, now=now)
    for chief in select_administrators(access.establishment).exclude(pk=access.user_id):
        queue_mail(MOVED_AWAY_MAIL, person=chief.public_id, cycle=cycle, data=said, now=now)
    flows.mail_administrators(moved, cycle=cycle, now=now)
