"""What changes the saved views of the queue, and who sees which."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.habilitations.reference.models import Delegation
from accounts.habilitations.staff.permissions import Staff, may_configure, may_read
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.web.links import read_carried_query
from registrations.desk.queue.models import SavedView
from registrations.requests.enums import RegistrationAct

MOST_VIEWS: Final = 50  # of one agent
KEPT_PARAMETERS: Final = frozenset(
    "statut echeance delegation dga plateforme type origine instructeur signal o".split()
)
_LONGEST_VALUE: Final = 60


def clean_view_query(query: str) -> str:
    """The filters and the sort alone, in one order: two lists that show the same are the same."""
    asked = read_carried_query(query)
    kept = QueryDict(mutable=True)
    for name in sorted(KEPT_PARAMETERS & set(asked)):
        value = asked[name]
        if value and len(value) <= _LONGEST_VALUE:
            kept[name] = value
    return kept.urlencode()


def list_shown_views(user: User, staff: Staff) -> QuerySet[SavedView]:
    """Their own, and those that are shared with a délégation of theirs."""
    shared = (
        Q(delegation__isnull=False)
        if staff.sees_everything
        else Q(delegation__in=staff.delegation_ids)
    )
    return SavedView.objects.filter(Q(owner=user) | shared).order_by("name", "pk")


def may_change_view(view: SavedView, user: User, staff: Staff) -> bool:
    """The owner; of a shared one the national administrator too."""
    shared = view.delegation_id is not None
    return view.owner_id == user.pk or (shared and may_configure(staff))


def list_sharable_delegations(staff: Staff) -> QuerySet[Delegation]:
    rows = Delegation.objects.order_by("name")
    return rows if may_configure(staff) else rows.filter(pk__in=staff.delegation_ids)


@transaction.atomic
def save_view(
    user: User, staff: Staff, *, name: str, query: str, delegation: Delegation | None, now: datetime
) -> SavedView:
    """A new view, or the agent's own of this name with these filters."""
    _lock_owner(user.pk)
    _check_sharing(staff, delegation)
    mine = SavedView.objects.filter(owner=user)
    view = mine.filter(name=name).first()
    if view is None:
        if mine.count() >= MOST_VIEWS:
            raise Refused(
                "too_many",
                f"Vous avez déjà {MOST_VIEWS} vues\u00a0: supprimez-en une avant d’en enregistrer "
                "une autre.",
            )
        view = SavedView(owner=user, name=name)
    view.query, view.delegation, view.saved_at = clean_view_query(query), delegation, now
    view.save()
    _write_entry(RegistrationAct.QUEUE_VIEW_SAVED, view, user, now)
    return view


@transaction.atomic
def change_view(
    view_id: int,
    user: User,
    staff: Staff,
    *,
    name: str,
    delegation: Delegation | None,
    now: datetime,
) -> SavedView:
    """Another name, or shared with others."""
    view = _lock_view(view_id, user, staff)
    if delegation is None and view.owner_id != user.pk:
        raise Refused("not_theirs", "Seul son auteur peut cesser de la partager.")
    if delegation != view.delegation:
        _check_sharing(staff, delegation)
    others = SavedView.objects.filter(owner=view.owner, name=name).exclude(pk=view.pk)
    if others.exists():
        raise Refused("name", "Une autre vue porte déjà ce nom.")
    view.name, view.delegation, view.saved_at = name, delegation, now
    view.save()
    _write_entry(RegistrationAct.QUEUE_VIEW_SAVED, view, user, now)
    return view


@transaction.atomic
def delete_view(view_id: int, user: User, staff: Staff, now: datetime) -> None:
    view = _lock_view(view_id, user, staff)
    _write_entry(RegistrationAct.QUEUE_VIEW_DELETED, view, user, now)
    view.delete()


def _lock_owner(owner_id: int) -> None:
    """Before any view of theirs: the number of their views holds, and each name is used once."""
    User.objects.select_for_update(no_key=True).get(pk=owner_id)


def _lock_view(view_id: int, user: User, staff: Staff) -> SavedView:
    shown = list_shown_views(user, staff).order_by()
    owner = shown.filter(pk=view_id).values_list("owner_id", flat=True).first()
    if owner is not None:
        _lock_owner(owner)
    view = shown.select_for_update().filter(pk=view_id).first()
    if view is None or not may_change_view(view, user, staff):
        raise Refused("gone", "Cette vue n’existe plus, ou n’est pas la vôtre.")
    return view


def _check_sharing(staff: Staff, delegation: Delegation | None) -> None:
    if not may_read(staff):
        raise Refused("not_staff", "Votre rôle ne lit pas les demandes.")
    if delegation is not None and delegation not in list_sharable_delegations(staff):
        raise Refused("not_theirs", "Vous ne partagez une vue qu’avec votre délégation.")


def _write_entry(act: RegistrationAct, view: SavedView, user: User, now: datetime) -> None:
    """The name stays out of it: it is free text."""
    write_journal_entry(
        act,
        actor=Actor.staff(user),
        object_type="queue_view",
        object_id=str(view.pk),
        detail={"shared": view.delegation.code} if view.delegation else None,
        now=now,
    )
