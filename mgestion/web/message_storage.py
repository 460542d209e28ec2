"""Messages that wait for the next page: in a cookie, since a GET that shows them may not write.

Sealed with a key made from SECRET_KEY and the session of who is signed in: nobody reads them
outside the portal, and what was sealed in one session opens in no other. The messages to a visitor
who is not signed in hold at most the address that they have just confirmed, and are bound to no
session.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage, MessageDecoder
from django.http import HttpRequest
from django.utils.encoding import force_str

from mgestion.errors import Refused


class SealedCookieStorage(CookieStorage):
    """django.contrib.messages' own storage, under another seal and name."""

    cookie_name = settings.MESSAGES_COOKIE_NAME

    def _encode_parts(self, messages: list[str], encode_empty: bool = False) -> str | None:
        if not messages and not encode_empty:
            return None
        text = "[" + ",".join(messages) + "]"
        sealed = self._cipher().encrypt(zlib.compress(text.encode()))
        return force_str(sealed).rstrip("=")  # which a cookie would have to quote

    def _decode(self, data: str | None) -> Any:
        from cryptography.fernet import InvalidToken

        if not data:
            return None
        try:
            packed = self._cipher().decrypt(data + "=" * (-len(data) % 4))
            return json.loads(zlib.decompress(packed), cls=MessageDecoder)
        except (InvalidToken, ValueError, zlib.error):
            self.used = True  # so that the cookie goes
            return None

    def _cipher(self) -> Any:
        # Here: a process that shows no message starts without it.
        from cryptography.fernet import Fernet, MultiFernet

        request: Any = self.request
        session = request.session.session_key if request.user.is_authenticated else ""
        keys = [force_str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
        made = [hashlib.sha256(f"messages:{session}:{key}".encode()).digest() for key in keys]
        return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])


@contextmanager
def warn_of_refusal(request: HttpRequest) -> Iterator[None]:
    """A verb that says no ends the block; what it says stands as a warning on the next page."""
    try:
        yield
    except Refused as refused:
        messages.warning(request, refused.message)
