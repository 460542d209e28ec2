"""What a file is, read from its bytes: never from its name nor from what the browser says of it.

Nothing is decoded nor decompressed here, so that no file can cost more than its reading. The
structure is walked from the first byte to the last: a file that is two formats at once has bytes
before or after, which none of the three accepts.
"""

import re
import zlib
from typing import Final

from mgestion.errors import Refused
from registrations.enums import FileKind

# A screen or a scanner gives less; more is a picture made to exhaust whoever opens it.
MAX_PIXELS: Final = 80_000_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_PDF: Final = re.compile(rb"%PDF-[12]\.\d")
_STARTXREF: Final = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_ZIP_END: Final = b"PK\x05\x06"
_ACTIVE: Final = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
_STREAM: Final = re.compile(rb"\bstream\r?\n.*?\bendstream\b", re.DOTALL)
_NAME_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


def kind_of(data: bytes) -> FileKind:
    """PDF, JPEG or PNG; Refused says what is wrong, in words for the person."""
    if not data:
        raise Refused("file_empty", "Ce fichier est vide.")
    if data.startswith(_PNG):
        _png(data)
        return FileKind.PNG
    if data.startswith(_JPEG):
        _jpeg(data)
        return FileKind.JPEG
    if _PDF.match(data):
        _pdf(data)
        return FileKind.PDF
    raise Refused(
        "file_type",
        "Ce fichier n’est ni un PDF, ni une image JPEG ou PNG. Enregistrez-le dans l’un de ces "
        "formats\u00a0: changer la fin de son nom ne suffit pas.",
    )


def _png(data: bytes) -> None:
    at = len(_PNG)
    first = True
    while True:
        header = data[at : at + 8]
        if len(header) < 8:
            raise _damaged()
        size, name = int.from_bytes(header[:4]), header[4:]
        end = at + 12 + size
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(
            data[end - 4 : end]
        ):
            raise _damaged()
        if first:
            if name != b"IHDR" or size != 13:
                raise _damaged()
            body = data[at + 8 : end - 4]
            _bounded(int.from_bytes(body[:4]), int.from_bytes(body[4:8]))
            first = False
        at = end
        if name == b"IEND":
            break
    if at != len(data):
        raise _two_formats()


def _jpeg(data: bytes) -> None:
    """The segments up to the picture's own data, then its end marker."""
    at, seen_size = 2, False
    while True:
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if at + 4 > len(data) or data[at] != 0xFF:
            raise _damaged()
        marker = data[at + 1]
        size = int.from_bytes(data[at + 2 : at + 4])
        if size < 2 or at + 2 + size > len(data):
            raise _damaged()
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if size < 8:
                raise _damaged()
            _bounded(int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7]))
            seen_size = True
        at += 2 + size
        if marker == 0xDA:
            break
    end = data.rfind(b"\xff\xd9", at)
    if not seen_size or end < 0:
        raise _damaged()
    # Telephones add zeros, or a second picture, after the first: nothing else may follow.
    rest = data[end + 2 :].strip(b"\x00")
    if rest or _ZIP_END in data[-65_557:]:
        raise _two_formats()


def _pdf(data: bytes) -> None:
    found = _STARTXREF.search(data[-2048:])
    if found is None or int(found[1]) >= len(data):
        raise _damaged()
    table = data[int(found[1]) :].lstrip()
    if not table.startswith(b"xref") and re.match(rb"\d+\s+\d+\s+obj\b", table) is None:
        raise _damaged()
    if _ZIP_END in data[-65_557:]:
        raise _two_formats()
    # Compressed streams hold any bytes by chance: only what stands between them has a meaning here.
    names = _NAME_ESCAPE.sub(lambda escaped: bytes([int(escaped[1], 16)]), _STREAM.sub(b"", data))
    if re.search(rb"/Encrypt\b", names):
        raise Refused(
            "file_locked",
            "Ce PDF est protégé par un mot de passe\u00a0: nous ne pourrions pas le lire. "
            "Enregistrez-le sans protection.",
        )
    if _ACTIVE.search(names):
        raise Refused(
            "file_active",
            "Ce PDF contient des éléments actifs (script, formulaire ou pièce jointe). "
            "Imprimez-le en PDF, puis envoyez le nouveau fichier.",
        )


def _bounded(width: int, height: int) -> None:
    if not width or not height:
        raise _damaged()
    if width * height > MAX_PIXELS:
        raise Refused(
            "file_pixels", "Cette image est trop grande\u00a0: réduisez-la, ou envoyez un PDF."
        )


def _damaged() -> Refused:
    return Refused(
        "file_damaged",
        "Ce fichier est endommagé ou incomplet. Ouvrez-le pour le vérifier, puis enregistrez-le "
        "de nouveau.",
    )


def _two_formats() -> Refused:
    return Refused(
        "file_two_formats",
        "Ce fichier contient autre chose que le document. Enregistrez-le de nouveau, "
        "puis envoyez le nouveau fichier.",
    )
