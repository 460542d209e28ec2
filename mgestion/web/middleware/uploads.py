"""Files too large or too many are cut while they arrive: they fill neither memory nor disk. A full
disk loses the file, and nothing else of the form.
"""

import errno
import io
import logging
import os
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

_log = logging.getLogger(__name__)


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


class LostUpload(UploadedFile[bytes]):
    """A file that there was no room for: it has its name and its size, and whoever reads it gets
    the error of a full disk.
    """

    def read(self, *args: Any) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.read()
        yield b""


class DiskHandler(FileUploadHandler):
    """The last in FILE_UPLOAD_HANDLERS: a file without a name in the temporary folder, which the
    system frees with the process that has it open, however that ends.
    """

    _file: IO[bytes] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        try:
            self._file = tempfile.TemporaryFile()  # the request closes it
        except OSError as trouble:
            self._lose(trouble)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self._file is not None:
            try:
                self._file.write(raw_data)
            except OSError as trouble:
                self._lose(trouble)
        return None

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        if self._file is not None:
            try:
                self._file.seek(0)  # writes what is still in its buffer
            except OSError as trouble:
                self._lose(trouble)
        kind = LostUpload if self._file is None else UploadedFile
        file = self._file or io.BytesIO()
        about = (self.file_name, self.content_type, file_size)
        return kind(file, *about, self.charset, self.content_type_extra)

    def _lose(self, trouble: OSError) -> None:
        _log.error("An upload cannot be written to the temporary folder: %s", trouble)
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:  # the same again, for what its buffer holds
                pass
