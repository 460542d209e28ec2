"""Queries on agents of OPCO Mobilités."""

from django.db.models import Exists, OuterRef

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.staff.models import StaffMember


def is_national_administrator(user: str = "pk") -> Exists:
    """An agent's role « national » of the account in the column `user`."""
    return Exists(StaffMember.objects.filter(user=OuterRef(user), role=StaffRole.NATIONAL))
