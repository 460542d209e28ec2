"""Opens one document in a separate process: `python -I document_reader.py inspect|page …`.

Received files are parsed here only. The process inherits no environment, no open file and no
secret; it limits its own processor time and memory before it reads a byte, and
`registrations.documents.inspection` kills it at the wall-clock limit. It imports nothing of the
portal, so that it starts in a tenth of a second. The document comes on the standard input; the
answer goes to the standard output.

PDF scripts never run: this build of PDFium has no JavaScript engine.
"""

import io
import json
import os
import re
import resource
import signal
import sys
from collections.abc import Sequence
from typing import Any, Final

PDF_HEADER_REACH: Final = 1024  # bytes before « %PDF- » that every reader skips
_START: Final = 4096  # bytes that the type is detected from
# More than any screen or scanner gives: a larger picture is made to exhaust its reader.
MAX_PIXELS: Final = 80_000_000
_ENDINGS: Final = {".pdf": "pdf", ".png": "png", ".jpg": "jpg", ".jpeg": "jpg"}
_FORMATS: Final = {"png": ("PNG",), "jpg": ("JPEG",)}
# Searched in a copy written by PDFium: names without escapes, no compressed objects.
_ACTIVE: Final = re.compile(rb"/(?:JavaScript|Launch|RichMedia|XFA|EmbeddedFiles?)\b")
_REACH: Final = 2000  # bytes of a catalog before its type
_CATALOG: Final = re.compile(rb"(\d{1,10})\s+\d+\s+obj\b(?:(?!endobj).)*/Catalog\Z", re.DOTALL)
_ENCRYPTED: Final = ("password", "security")
JPEG_QUALITY: Final = 80


class UnreadableDocument(Exception):
    """The document is refused; the message is a code that `documents.inspection` translates."""


def limit_resources(seconds: float, megabytes: int) -> None:
    """Limit processor time and memory. The system ends the process after `seconds`: the default
    action of SIGPROF works even while a C library runs."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    whole = int(seconds) + 1
    for what, most in (
        (resource.RLIMIT_CPU, whole),
        (resource.RLIMIT_AS, megabytes * 1024 * 1024),
        (resource.RLIMIT_FSIZE, 0),  # it writes no file
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(10)  # pages go first


def detect_kind(data: bytes) -> str:
    """ "pdf", "png" or "jpg", from the first bytes; the file's name and MIME type are ignored."""
    import puremagic

    if not data:
        raise UnreadableDocument("file_empty")
    try:
        guesses = puremagic.magic_string(data[:_START])
    except puremagic.PureError:
        guesses = []
    for guess in guesses:
        if guess.extension in _ENDINGS:
            return _ENDINGS[guess.extension]
    # Mail gateways and scanners put lines before the header; every PDF reader skips them.
    if not guesses and b"%PDF-" in data[:PDF_HEADER_REACH]:
        return "pdf"
    raise UnreadableDocument("file_type")


# --- inspection ---


def inspect_document(data: bytes) -> dict[str, Any]:
    kind = detect_kind(data)
    if kind == "pdf":
        return {"kind": kind, **_inspect_pdf(data)}
    return {"kind": kind, **_inspect_picture(data, kind)}


def _inspect_pdf(data: bytes) -> dict[str, Any]:
    document = _open_pdf(data)
    return {"pages": len(document), "active": _has_active_content(document)}


def _open_pdf(data: bytes) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as trouble:
        said = str(trouble).casefold()
        if any(word in said for word in _ENCRYPTED):
            raise UnreadableDocument("file_locked") from None
        document = _reopen_damaged_pdf(data)
    if not len(document):
        raise UnreadableDocument("file_damaged")
    return document


def _reopen_damaged_pdf(data: bytes) -> Any:
    """Open a truncated document: PDFium rebuilds the objects, but needs a trailer that names the
    catalog."""
    import pypdfium2

    at = data.rfind(b"/Catalog")
    root = _CATALOG.search(data[max(0, at - _REACH) : at + len(b"/Catalog")]) if at > 0 else None
    if root is None:
        raise UnreadableDocument("file_damaged")
    trailer = b"\ntrailer\n<< /Root %b 0 R >>\nstartxref\n0\n%%%%EOF\n" % root[1]
    try:
        return pypdfium2.PdfDocument(data + trailer)
    except pypdfium2.PdfiumError:
        raise UnreadableDocument("file_damaged") from None


def _has_active_content(document: Any) -> bool:
    """Whether the file asks a reader to run, open or play something: PDFium's own answers, then
    the names found in an uncompressed copy."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        return True
    if document.get_formtype() in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        return True
    if pdfium.FPDFDoc_GetAttachmentCount(document) > 0:
        return True
    copy = io.BytesIO()
    try:
        document.save(copy, flags=pdfium.FPDF_NO_INCREMENTAL)
    except pypdfium2.PdfiumError:
        return True  # unknown: the agent is warned
    return _ACTIVE.search(copy.getbuffer()) is not None


def _inspect_picture(data: bytes, kind: str) -> dict[str, Any]:
    picture = _open_picture(data, kind)
    if kind == "jpg":
        picture.draft("RGB", (picture.width // 8, picture.height // 8))
    _decode_picture(picture)
    return {"pages": 1, "active": False}


def _open_picture(data: bytes, kind: str) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # checked below, with its own refusal
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS[kind])
    except (OSError, SyntaxError, ValueError):
        raise UnreadableDocument("file_damaged") from None
    if picture.width * picture.height > MAX_PIXELS:
        raise UnreadableDocument("file_pixels")
    return picture


def _decode_picture(picture: Any) -> None:
    try:
        picture.load()
    except (OSError, SyntaxError, ValueError):
        raise UnreadableDocument("file_damaged") from None


# --- one page as a picture ---


def draw_document_page(data: bytes, kind: str, number: int, width: int) -> bytes:
    """Page `number` (from 1), `width` pixels wide at most and twice as high at most, as a JPEG."""
    most = (width, 2 * width)
    picture = (
        _draw_pdf_page(data, number, most) if kind == "pdf" else _draw_picture(data, kind, most)
    )
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _draw_pdf_page(data: bytes, number: int, most: tuple[int, int]) -> Any:
    document = _open_pdf(data)
    if not 1 <= number <= len(document):
        raise UnreadableDocument("no_page")
    document.init_forms()  # before the page is loaded: what was typed into its fields shows
    page = document[number - 1]
    wide, high = page.get_size()
    if wide <= 0 or high <= 0:
        raise UnreadableDocument("file_damaged")
    scale = min(most[0] / wide, most[1] / high)
    return page.render(scale=scale, may_draw_forms=True, rev_byteorder=True).to_pil()


def _draw_picture(data: bytes, kind: str, most: tuple[int, int]) -> Any:
    from PIL import ImageOps

    picture = _open_picture(data, kind)
    picture.draft("RGB", most)
    _decode_picture(picture)
    picture.thumbnail(most)
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        from PIL import Image

        sheet = Image.new("RGBA", turned.size, "white")
        return Image.alpha_composite(sheet, turned.convert("RGBA"))
    return turned


def answer_task(task: str, data: bytes, *rest: str) -> tuple[int, bytes]:
    """Exit status 0 with the answer, or 3 with the code of a refusal."""
    try:
        if task == "inspect":
            return 0, json.dumps(inspect_document(data)).encode()
        kind, number, width = rest
        return 0, draw_document_page(data, kind, int(number), int(width))
    except UnreadableDocument as refused:
        return 3, str(refused).encode()


def main(arguments: Sequence[str]) -> int:
    """`inspect SECONDS MEGABYTES`, or `page SECONDS MEGABYTES KIND NUMBER WIDTH`.

    Any exit status but 0 and 3 means that a limit was reached, or that a library failed.
    """
    task, seconds, megabytes, *rest = arguments
    limit_resources(float(seconds), int(megabytes))
    status, answer = answer_task(task, sys.stdin.buffer.read(), *rest)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return status


if __name__ == "__main__":
    # Skips the interpreter's shutdown: the system frees the memory faster.
    os._exit(main(sys.argv[1:]))
