"""Limits of uploaded documents, and of their inspection and display."""

from mgestion.settings.options import option
from mgestion.settings.scanner import parse_scanner

UPLOAD_MAX_BYTES = option.size(
    "UPLOAD_MAX_SIZE", "10MB", "1MB", "50MB", "one file; the rest is thrown away as it arrives"
)
UPLOAD_MAX_FILES = option.count("UPLOAD_MAX_FILES", 5, 1, 20, "files of one answer")
UPLOADS_PER_REQUEST = option.count(
    "UPLOADS_PER_REQUEST", 20, 1, 100, "files of one request for access"
)
# Counted before a file is inspected.
ANSWERS_PER_PERSON = option.rate("ANSWERS_PER_PERSON", "10/1h", "answers with files of one person")
MESSAGES_PER_PERSON = option.rate(
    "MESSAGES_PER_PERSON", "20/1h", "messages of one person about their requests"
)
MESSAGE_MAIL_DELAY = option.duration(
    "MESSAGE_MAIL_DELAY",
    "5min",
    "0s",
    "1h",
    "from a message to the mail that tells of it, and of those that follow meanwhile",
)
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
# "" for none; tests also name a function by its dotted path.
UPLOAD_SCANNER = option.declare(
    "UPLOAD_SCANNER",
    "",
    "clamd://host:port, or the absolute path of a command that exists, with its arguments; "
    "empty for none",
    "the antivirus. A command gets the file's path appended: exit code 0 is clean, 1 infected",
    parse_scanner,
)
UPLOAD_SCANNER_TIMEOUT = int(
    option.duration(
        "UPLOAD_SCANNER_TIMEOUT", "30s", "1s", "5min", "then the file waits for the next scan"
    ).total_seconds()
)
FILE_UPLOAD_HANDLERS = [
    "mgestion.web.middleware.uploads.CappedHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "mgestion.web.middleware.uploads.DiskHandler",
]
# Higher than UPLOAD_MAX_FILES, so that the form can refuse with the number of files allowed.
DATA_UPLOAD_MAX_NUMBER_FILES = 200
