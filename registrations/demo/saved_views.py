"""Demo data: a list of the queue that a reviewer shares with their délégation."""

from datetime import datetime
from typing import Final

from accounts.habilitations.reference.models import Delegation
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.models import User
from mgestion.demo import Demo
from registrations.desk.queue.models import SavedView
from registrations.desk.queue.saved_view_flows import save_view

_REVIEWER: Final = "ines.exemple@opco.example.org"
_VIEWS: Final = (
    ("En retard et sans instructeur", "statut=a-traiter&echeance=overdue&instructeur=personne", 1),
    ("Organismes de formation", "statut=a-traiter&type=of&o=-recue", 0),
)


def load_demo_views(now: datetime) -> None:
    """Idempotent; nothing without its reviewer."""
    agent = User.objects.with_address(_REVIEWER)
    staff = get_staff(agent)
    if agent is None or staff is None or SavedView.objects.filter(owner=agent).exists():
        return
    own = Delegation.objects.filter(pk__in=staff.delegation_ids).first()
    for name, query, shared in _VIEWS:
        save_view(agent, staff, name=name, query=query, delegation=own if shared else None, now=now)


DEMO_VIEWS: Final = Demo(load_demo_views)
