"""Who a password belongs to. Whether that person may come in is `standing`'s matter."""

from typing import Any, Final

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.addresses import fold
from accounts.entry import factors
from accounts.habilitations.enums import Role
from accounts.models import User
from mgestion.statements import Statement

# By hand, since each request of who is signed in asks. `administers`: whether the navigation leads
# to « Mon établissement », at no statement more.
_BY_ID: Final = Statement(
    User,
    f"""
    SELECT {{row}}, EXISTS (
        SELECT 1 FROM habilitations_access AS access
        JOIN habilitations_platform AS platform ON platform.id = access.platform_id
        WHERE access.user_id = account.id AND access.role = '{Role.ADMINISTRATEUR}'
            AND access.ended_at IS NULL AND platform.enabled
    )
    FROM accounts_user AS account
    WHERE account.id = %s
    """,  # noqa: S608 - our own constant
    alias="account",
    more=("administers",),
)


class PasswordBackend(BaseBackend):
    """By folded address (D15). The same work for an address that nobody has (S8)."""

    def authenticate(
        self,
        request: HttpRequest | None,
        email: str = "",
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """The person whose password this is, whatever the account's status (D42), or None."""
        address = email or str(credentials.get("username") or "")
        if not address or not password:
            return None
        # With the answer to the login's next question.
        people = User.objects.annotate(**{factors.KNOWN: factors.exists_for_each()})
        user = people.filter(email_key=fold(address)).first()
        if user is None:
            User().set_password(password)  # as slow as a comparison
            return None
        return user if user.check_password(password) else None

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session; None, and the session dies, as soon as the account is not active
        (S20).
        """
        user = _BY_ID.first([user_id])
        if user is None or not user.is_active:
            return None
        vars(user)["administers"] = bool(vars(user)["administers"])  # SQLite answers 0 or 1
        return user
