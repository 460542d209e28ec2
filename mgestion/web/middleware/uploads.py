"""Files too large or too many are cut while they arrive: they fill neither memory nor disk."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class CappedHandler(FileUploadHandler):
    """First in FILE_UPLOAD_HANDLERS: what comes beyond the limit is read and thrown away.

    One chunk beyond it is kept, so that the form sees a file larger than allowed and says so. Of
    the files beyond UPLOAD_MAX_FILES only the name is kept: the form counts them.
    """

    _files = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept = 0
        self._files += 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        too_many = self._files > settings.UPLOAD_MAX_FILES
        if too_many or self._kept > settings.UPLOAD_MAX_BYTES:
            return None
        self._kept += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler makes the file."""
