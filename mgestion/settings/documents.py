"""Documents that people send: how much is taken, how it is read, how it is shown."""

from datetime import timedelta

UPLOAD_MAX_BYTES = 10 * 1024 * 1024  # a file; what goes beyond is not even kept in memory
UPLOAD_MAX_FILES = 5  # in one answer
UPLOADS_PER_REQUEST = 20
ANSWERS_PER_PERSON = (10, timedelta(hours=1))  # counted before a file is inspected
# Documents are opened by processes of their own (registrations/documents/inspection.py).
DOCUMENT_READERS = 1  # at a time, on each machine
# Threads of one web process that may wait for a reader or the antivirus: whoever sends files, and
# in all with the pages at the desk. Each process has four (Dockerfile): one always answers.
DOCUMENT_UPLOAD_THREADS = 2
DOCUMENT_PAGE_THREADS = 3
# Seconds that one waits for its turn: whoever sends holds a thread of the server meanwhile.
DOCUMENT_READER_PATIENCE = 2.0  # a received file
DOCUMENT_PAGE_PATIENCE = 8.0  # a page at the desk, whose pictures are asked for together
DOCUMENT_READER_MEGABYTES = 768
DOCUMENT_READER_TIMEOUT = 20  # seconds in all
DOCUMENT_INSPECTION_SECONDS = 1.7  # of processor, for a received file
DOCUMENT_PAGE_SECONDS = 4.0  # of processor, for a page shown at the desk
DOCUMENT_PAGE_WIDTH = 1100  # pixels
DOCUMENT_PAGES_SHOWN = 20  # of a document; beyond them it is downloaded
# The antivirus: "" = none; else the dotted path of a `scan(path)` that answers
# `registrations.requests.enums.ScanResult`, or a command whose last argument will be the file,
# exit 0 = clean, 1 = infected (clamdscan).
UPLOAD_SCANNER: str | list[str] = ""
UPLOAD_SCANNER_TIMEOUT = 30  # seconds
FILE_UPLOAD_HANDLERS = [
    "mgestion.web.middleware.uploads.CappedHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Beyond UPLOAD_MAX_FILES nothing is kept of a file, so that the form can say how many it takes.
DATA_UPLOAD_MAX_NUMBER_FILES = 200
