"""Limits of uploaded documents, and of their inspection and display."""

from datetime import timedelta

UPLOAD_MAX_BYTES = 10 * 1024 * 1024  # per file; the rest is discarded while it arrives
UPLOAD_MAX_FILES = 5  # per answer
UPLOADS_PER_REQUEST = 20
ANSWERS_PER_PERSON = (10, timedelta(hours=1))  # counted before a file is inspected
# Separate processes open the documents (registrations/documents/inspection.py).
DOCUMENT_READERS = 1  # at a time, on each machine
# Threads of one web process that may wait for a reader or the antivirus: for uploads, and in all.
# Each process has four threads (Dockerfile): one always answers.
DOCUMENT_UPLOAD_THREADS = 2
DOCUMENT_PAGE_THREADS = 3
# Seconds to wait for a reader.
DOCUMENT_READER_PATIENCE = 2.0  # an upload
DOCUMENT_PAGE_PATIENCE = 8.0  # a page shown to staff, whose images are requested together
DOCUMENT_READER_MEGABYTES = 768
DOCUMENT_READER_TIMEOUT = 20  # seconds in all
DOCUMENT_INSPECTION_SECONDS = 1.7  # of CPU, for an upload
DOCUMENT_PAGE_SECONDS = 4.0  # of CPU, for a page shown to staff
DOCUMENT_PAGE_WIDTH = 1100  # pixels
DOCUMENT_PAGES_SHOWN = 20  # per document; longer ones are downloaded
# The antivirus: "" for none; the dotted path of a `scan(path)` that returns
# `registrations.requests.enums.ScanResult`; or a command to which the file is appended, with exit
# code 0 = clean, 1 = infected (clamdscan).
UPLOAD_SCANNER: str | list[str] = ""
UPLOAD_SCANNER_TIMEOUT = 30  # seconds
FILE_UPLOAD_HANDLERS = [
    "mgestion.web.middleware.uploads.CappedHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Higher than UPLOAD_MAX_FILES, so that the form can refuse with the number of files allowed.
DATA_UPLOAD_MAX_NUMBER_FILES = 200
