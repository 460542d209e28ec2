"""Permissions of OPCO agents for Django's own questions (`has_perm`, the admin)."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.habilitations.staff.permissions import PERMISSIONS, get_staff
from accounts.people.models import User


class StaffRoleBackend(BaseBackend):
    """Answers from the table of `permissions`. It authenticates nobody and reads no group.

    Which rows are theirs is the querysets' matter (`permissions.filter_by_scope`), not `obj`'s.
    """

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        staff = get_staff(user_obj)
        return set(PERMISSIONS[staff.role]) if staff else set()

    def has_module_perms(self, user_obj: User | Any, app_label: str) -> bool:
        staff = get_staff(user_obj)
        return staff is not None and any(
            perm.startswith(f"{app_label}.") for perm in PERMISSIONS[staff.role]
        )
