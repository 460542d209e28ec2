"""Django's sessions in the database, written once by a login instead of three times."""

from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import IntegrityError
from django.utils.crypto import get_random_string

KEY_LENGTH = 32  # of 36 characters: 165 bits


class SessionStore(DatabaseStore):
    """The same rows. A new session is inserted when the answer is ready, with all that it holds;
    a key is not looked up before it is used, since its insert would fail. What a view has saved in
    a transaction of its own is not written again with the answer.
    """

    _unborn = False
    _saved = b""

    def create(self) -> None:
        self._session_key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
        self._unborn = True
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
        insert = self._unborn or must_create
        held = self._get_session(no_load=insert)  # type: ignore[attr-defined]  # Django's own
        content = self.serializer().dumps(held)
        if content == self._saved and not insert:
            return
        row = self.create_model_instance(held)
        if insert:
            try:
                row.save(force_insert=True)
            except IntegrityError as error:
                raise CreateError from error
            self._unborn = False
            self._saved = content
            return
        # Not `row.save()`: finding nothing to update would spoil the caller's transaction.
        values = {"session_data": row.session_data, "expire_date": row.expire_date}
        if not self.model.objects.filter(pk=row.pk).update(**values):
            raise UpdateError  # ended elsewhere since it was read
        self._saved = content
