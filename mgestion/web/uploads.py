"""A file that is too large is cut while it arrives: neither memory nor disk is filled with it."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class CappedHandler(FileUploadHandler):
    """First in FILE_UPLOAD_HANDLERS: what comes beyond the limit is read and thrown away.

    One chunk beyond it is kept, so that the form sees a file larger than allowed and says so.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self._kept > settings.UPLOAD_MAX_BYTES:
            return None
        self._kept += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler makes the file."""
