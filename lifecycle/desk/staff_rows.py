"""Cases and holds among the staff pages."""

from django.db.models import Q

from lifecycle.models import Hold, LifecycleCase
from mgestion.admin.related_rows import RelatedRows
from mgestion.admin.row_kinds import RowKind
from mgestion.text.dates import numeric_moment

KINDS = {
    "lifecycle_case": RowKind(
        model=LifecycleCase,
        title="Procédures du cycle de vie",
        keys=("id",),
        facts=lambda case: case.get_state_display(),
        order=("-opened_at", "pk"),
        journaled=False,
    ),
    "lifecycle_hold": RowKind(
        model=Hold,
        title="Mises en attente",
        facts=lambda hold: (
            f"levée le {numeric_moment(hold.released_at)}" if hold.released_at else "en cours"
        ),
        order=("-placed_at", "pk"),
        journaled=False,
    ),
}
RELATIONS = (
    RelatedRows(of="account", kind="lifecycle_case", where=lambda user: Q(user=user)),
    RelatedRows(of="account", kind="lifecycle_hold", where=lambda user: Q(user=user)),
    RelatedRows(
        of="lifecycle_case",
        kind="mail",
        where=lambda case: Q(person=case.user.public_id, subject_id=case.pk),
    ),
    RelatedRows(
        of="lifecycle_hold",
        kind="account",
        title="Compte",
        where=lambda hold: Q(pk=hold.user_id) if hold.user_id else Q(pk__in=()),
    ),
)
