"""Who is asked for an opinion, and what that lets them read."""

from django.db.models import Exists, OuterRef, Q

from accounts.habilitations.staff.permissions import Staff, may_decide
from accounts.people.models import User
from registrations.desk.opinions.models import Opinion, OpinionQuerySet


def select_opinions_asked_of(user: User, staff: Staff | None) -> OpinionQuerySet:
    """The open ones. A national administrator is no DGA's agent: only what is asked by name."""
    if staff is None or not may_decide(staff):
        return Opinion.objects.none()
    return Opinion.objects.open().filter(Q(person=user.public_id) | Q(dga__in=staff.dga_ids))


def filter_by_opinion(user: User, staff: Staff | None) -> Q:
    """The requests that `user` may read because their opinion is asked, for as long as it is."""
    return Q(Exists(select_opinions_asked_of(user, staff).filter(request=OuterRef("pk"))))
