"""Whose password it is, and the account of a session. The gates are asked by the caller."""

from functools import cache
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from accounts.entry.second_factor import factors
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import ADMINISTRATOR_ROLES
from accounts.people.addresses import fold_address
from accounts.people.models import User


class PasswordBackend(BaseBackend):
    """By folded address. The same work for an address that nobody has."""

    def authenticate(
        self,
        request: HttpRequest | None,
        email: str = "",
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """The person whose password this is, whatever the account's status, or None."""
        address = email or str(credentials.get("username") or "")
        if not address or not password:
            return None
        # With the answer to the login's next question.
        people = User.objects.annotate(**{factors.KNOWN: factors.exists_factor()})
        user = people.filter(email_key=fold_address(address)).first()
        if user is None:
            User().set_password(password)  # as slow as a comparison
            return None
        return user if user.check_password(password) else None

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session; None, and the session dies, once the account is not active."""
        try:
            user = _select_people_of_sessions().get(pk=user_id)
        except User.DoesNotExist:
            return None
        return user if user.is_active else None


@cache
def _select_people_of_sessions() -> QuerySet[User]:
    """Every page of a signed-in person asks it: written once, never evaluated itself.

    `administers`: whether the navigation leads to « Mon établissement », without a statement.
    """
    administration = Access.objects.open().filter(
        user=OuterRef("pk"), role__in=ADMINISTRATOR_ROLES, platform__enabled=True
    )
    return User.objects.annotate(administers=Exists(administration))
