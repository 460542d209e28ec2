"""Small real documents for the demo: a page of text as PDF, a coloured sheet as PNG."""

import zlib
from collections.abc import Sequence


def make_pdf(title: str, lines: Sequence[str]) -> bytes:
    """A one-page PDF that `registrations.documents.inspection` accepts."""
    said = [f"BT /F1 18 Tf 60 780 Td ({_escape_pdf_text(title)}) Tj ET"]
    said += [
        f"BT /F1 11 Tf 60 {740 - 18 * row} Td ({_escape_pdf_text(line)}) Tj ET"
        for row, line in enumerate(lines)
    ]
    page = "\n".join(said).encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (count, table, count, len(body))
    )


def make_png(width: int, height: int, ink: tuple[int, int, int]) -> bytes:
    """A sheet with a coloured band on top, like a photographed badge."""
    band, sheet = bytes(ink) * width, b"\xf4\xf4\xf0" * width
    rows = b"".join(b"\0" + (band if row < height // 4 else sheet) for row in range(height))
    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _make_png_chunk(name, data)
        for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    )


def _make_png_chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def _escape_pdf_text(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
