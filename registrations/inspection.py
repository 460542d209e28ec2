"""What a file is, read from its bytes: never from its name nor from what the browser says of it.

No picture is decoded here, so that no file can cost more than its reading; the one thing that is
unpacked, up to a bound, is a PDF's own packed objects. The structure is walked from the first byte
to the last: a file that is two formats at once has bytes before or after, which none of the three
accepts.
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
# Too long to stand in compressed bytes by chance, so looked for there too: what only seems to be a
# stream (the words in a comment, say) hides nothing.
_ACTIVE_ANYWHERE: Final = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFile|RichMedia)\b")
_STREAM: Final = re.compile(rb"\bstream\r?\n")
_STREAM_END: Final = b"endstream"
# Objects packed in a stream, the catalog itself perhaps; each letter may be escaped.
_PACKED: Final = re.compile(
    rb"/(?:O|#4[fF])(?:b|#62)(?:j|#6[aA])(?:S|#53)(?:t|#74)(?:m|#6[dD])(?![A-Za-z0-9#])"
)
_FILTER: Final = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w*|)")
_REACH: Final = 4000  # bytes of a dictionary before and after its type
MAX_PACKED: Final = 2000
MAX_ESCAPES: Final = 400_000  # ten times what chance puts in the largest file
MAX_UNPACKED: Final = 16 * 1024 * 1024
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
    if data.count(b"#") > MAX_ESCAPES:
        raise _too_complex()
    names = _plain(_without_streams(data)) + b"\n" + _plain(_unpacked(data))
    if re.search(rb"/Encrypt\b", names):
        raise Refused(
            "file_locked",
            "Ce PDF est protégé par un mot de passe\u00a0: nous ne pourrions pas le lire. "
            "Enregistrez-le sans protection.",
        )
    if _ACTIVE.search(names) or _ACTIVE_ANYWHERE.search(_plain(data)):
        raise Refused(
            "file_active",
            "Ce PDF contient des éléments actifs (script, formulaire ou pièce jointe). "
            "Imprimez-le en PDF, puis envoyez le nouveau fichier.",
        )


def _plain(data: bytes) -> bytes:
    """Names without their escapes (« /#4aS » is « /JS »)."""
    return _NAME_ESCAPE.sub(lambda escaped: bytes([int(escaped[1], 16)]), data)


def _without_streams(data: bytes) -> bytes:
    """What stands between the streams; in one pass, whatever the file is made of."""
    kept, at = [], 0
    while (start := _STREAM.search(data, at)) is not None:
        end = data.find(_STREAM_END, start.end())
        if end < 0:
            break
        kept.append(data[at : start.start()])
        at = end + len(_STREAM_END)
    return b"".join([*kept, data[at:]])


def _unpacked(data: bytes) -> bytes:
    """The objects that a PDF keeps in compressed streams, all together and up to the bound."""
    found: list[bytes] = []
    left = MAX_UNPACKED
    for number, packed in enumerate(_PACKED.finditer(data)):
        first = data.rfind(b"obj", max(0, packed.start() - _REACH), packed.start())
        start = _STREAM.search(data, packed.end(), packed.end() + _REACH)
        if first < 0 or start is None or number >= MAX_PACKED:
            raise _too_complex()
        end = data.find(_STREAM_END, start.end())
        head, body = _plain(data[first : start.start()]), data[start.end() : max(end, start.end())]
        found.append(_inflated(head, body, left))
        left -= len(found[-1])
    return b"\n".join(found)


def _inflated(head: bytes, body: bytes, left: int) -> bytes:
    filters = {b"".join(each.split()) for each in _FILTER.findall(head)}
    if not filters:
        return body
    if filters - {b"/FlateDecode", b"[/FlateDecode]"} or b"/Predictor" in head:
        raise _too_complex()
    unpacking = zlib.decompressobj()
    try:
        objects = unpacking.decompress(body, max(left, 1))
    except zlib.error:
        raise _damaged() from None
    if not unpacking.eof:  # too much, or cut before its own end to hide what follows
        raise _too_complex()
    return objects


def _too_complex() -> Refused:
    return Refused(
        "file_complex",
        "Ce PDF est construit d’une façon que nous ne pouvons pas vérifier. Imprimez-le en PDF, "
        "puis envoyez le nouveau fichier.",
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
