"""A receipt as a PDF: `receipt_drawer` draws it, one at a time beside the readers of documents."""

import json
import logging
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders

from mgestion.errors import Refused
from mgestion.text.dates import PARIS
from registrations.documents.reader_slots import hold_reader_slot, limit_reader_threads
from registrations.receipts.receipt_content import Receipt

FONTS: Final = {
    "body": "vendor/fonts/atkinson-latin.woff2",
    "more": "vendor/fonts/atkinson-latin-ext.woff2",
    "rest": "vendor/fonts/dejavu-europe.woff2",
    "head": "vendor/fonts/barlow-sc-600-latin.woff2",
}
_FAILED: Final = "Le document n’a pas pu être préparé. Demandez-le de nouveau dans une minute."
_log = logging.getLogger(__name__)


@cache
def find_font(path: str) -> str:
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(path)
    return found


def draw_receipt_pdf(receipt: Receipt) -> bytes:
    """The same bytes for the same receipt. Raises Refused when the machine is too busy."""
    said = asdict(receipt) | {
        "dated": receipt.dated.astimezone(PARIS).isoformat(),
        "fonts": {name: find_font(path) for name, path in FONTS.items()},
    }
    with (
        limit_reader_threads(settings.DOCUMENT_PAGE_THREADS),
        hold_reader_slot(settings.DOCUMENT_PAGE_PATIENCE),
    ):
        try:
            return run_drawer(json.dumps(said))
        except (OSError, subprocess.SubprocessError) as trouble:
            _log.error("A receipt was not drawn: %s", trouble)
            raise Refused("receipt_failed", _FAILED) from None


def run_drawer(said: str) -> bytes:
    program = ("-E", "-s", "-m", "registrations.receipts.receipt_drawer")
    limits = (str(settings.DOCUMENT_PAGE_SECONDS), str(settings.DOCUMENT_READER_MEGABYTES))
    return subprocess.run(  # noqa: S603  # our own program and numbers
        [sys.executable, *program, *limits],
        input=said.encode(),
        capture_output=True,
        env={},
        cwd=settings.BASE_DIR,
        timeout=settings.DOCUMENT_READER_TIMEOUT,
        check=True,
    ).stdout
