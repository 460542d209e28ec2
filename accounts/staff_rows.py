"""Accounts among the staff pages, and the mails to a person."""

from django.db.models import Q

from accounts.people.models import AllowedAddress, BlockedPerson, User
from mgestion.admin.related_rows import RelatedRows
from mgestion.admin.row_kinds import RowKind

KINDS = {
    "account": RowKind(
        model=User,
        title="Comptes",
        keys=("public_id",),
        facts=lambda user: f"{user.email}, {user.get_status_display()}",
        order=("-created_at", "-pk"),
        place=20,
        searched=True,
    ),
    "allowed_address": RowKind(model=AllowedAddress, title="Adresses autorisées"),
    "blocked_person": RowKind(model=BlockedPerson, title="Personnes bloquées"),
}


def select_mails_to(user: User) -> Q:
    return Q(person=user.public_id)


RELATIONS: tuple[RelatedRows, ...] = (
    RelatedRows(of="account", kind="mail", where=select_mails_to),
)
