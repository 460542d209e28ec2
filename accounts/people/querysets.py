"""The manager of accounts."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.people.addresses import fold_address, is_public_mailbox

if TYPE_CHECKING:
    from accounts.people.models import User


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email_key=fold_address(username or ""))

    def with_address(self, address: str) -> "User | None":
        """The account of `address`, compared as D15 says, or None."""
        return self.filter(email_key=fold_address(address)).first()

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """For `manage.py createsuperuser`: the first national administrator of an empty portal.

        Without `password` the account takes one through a mailed link, as after a forgotten one.
        ValidationError, which the command prints, when the address has an account.
        """
        from django.utils import timezone

        from accounts.people.enums import Status
        from accounts.people.search.search_words import index_accounts

        if not is_public_mailbox(email):
            raise ValidationError("This is not an e-mail address of the open Internet.")
        now = timezone.now()
        user = self.model(
            email=email,
            email_key=fold_address(email),
            status=Status.ACTIVE,
            is_staff=True,
            is_superuser=True,
            created_at=now,
            status_since=now,
            clock_from=now,
            **fields,
        )
        user.set_password(password)
        try:
            with transaction.atomic():
                user.save(using=self._db)
                index_accounts([user])
        except IntegrityError:
            raise ValidationError("This e-mail address already has an account.") from None
        return user
