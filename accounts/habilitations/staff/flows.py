"""The verbs on agents: appointed with a role and a scope, dismissed. Each is atomic and leaves its
line in the journal.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation, Dga
from accounts.habilitations.staff import permissions
from accounts.habilitations.staff.models import StaffMember
from accounts.people import administrators
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry


@transaction.atomic
def appoint_staff(
    user: User,
    *,
    role: str,
    delegations: Iterable[Delegation] = (),
    dgas: Iterable[Dga] = (),
    actor: Actor,
    now: datetime,
) -> StaffMember:
    """Make an active account an agent's, or change the role and scope of one. Nobody
    changes their own."""
    if role not in StaffRole.values:
        raise Refused("role_unknown", "Ce rôle d’agent n’existe pas.")
    administrators.lock_administrators([user.pk])
    locked = User.objects.get(pk=user.pk)
    _refuse_own_rights(locked, actor)
    _refuse_former_administrator(actor)
    if role != StaffRole.NATIONAL and not locked.is_superuser:
        administrators.refuse_last_administrator([locked.pk])
    if not locked.is_active:
        raise WrongState(
            "not_active",
            "Ce compte n’est pas actif\u00a0: il ne peut pas devenir celui d’un agent.",
        )
    member, created = StaffMember.objects.get_or_create(user=locked, defaults={"role": role})
    before = "" if created else member.role
    if member.role != role:
        member.role = role
        member.save(update_fields=["role"])
    member.delegations.set(delegations)
    member.dgas.set(dgas)
    if not locked.is_staff:
        User.objects.filter(pk=locked.pk).update(is_staff=True)
    permissions.forget_cached_staff(user)
    write_journal_entry(
        HabilitationAct.STAFF_APPOINTED if created else HabilitationAct.STAFF_CHANGED,
        actor=actor,
        object_type="staff",
        object_id=str(member.pk),
        person=locked.public_id,
        detail={
            "before": before,
            "role": role,
            "delegations": sorted(member.delegations.values_list("code", flat=True)),
            "dgas": sorted(member.dgas.values_list("code", flat=True)),
        },
        now=now,
    )
    return member


@transaction.atomic
def dismiss_staff(member_id: int, *, actor: Actor, now: datetime) -> None:
    """End an agent's rights at once, open sessions included; the account stays. Nobody
    dismisses themselves.
    """
    # The account before its role, as `appoint_staff` takes them.
    administrators.lock_administrators(
        StaffMember.objects.filter(pk=member_id).values_list("user_id", flat=True)
    )
    member = StaffMember.objects.select_for_update(of=("self",)).filter(pk=member_id).first()
    if member is None:
        raise WrongState("dismissed", "Cette personne n’est plus un agent.")
    user = User.objects.get(pk=member.user_id)
    _refuse_own_rights(user, actor)
    _refuse_former_administrator(actor)
    administrators.refuse_last_administrator([user.pk])
    role = member.role
    member.delete()
    user.is_staff = False
    user.session_epoch += 1
    user.save(update_fields=["is_staff", "session_epoch"])
    write_journal_entry(
        HabilitationAct.STAFF_DISMISSED,
        actor=actor,
        object_type="staff",
        object_id=str(member_id),
        person=user.public_id,
        detail={"before": role},
        now=now,
    )


def _refuse_former_administrator(actor: Actor) -> None:
    """To be called under `administrators.lock_administrators`: two who dismiss each other at the
    same moment both had the right when they clicked.
    """
    if (
        actor.kind == "staff"
        and not administrators.select_able_administrators().filter(public_id=actor.ref).exists()
    ):
        raise Refused(
            "not_allowed", "Vos droits d’administrateur national viennent de prendre fin."
        )


def _refuse_own_rights(user: User, actor: Actor) -> None:
    if actor.ref == str(user.public_id):
        raise Refused(
            "oneself",
            "Vous ne pouvez pas changer vos propres droits\u00a0: un autre administrateur le fait.",
        )
