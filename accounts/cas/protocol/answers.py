"""What a validation answers, in the shapes that clients parse. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

NAMESPACE: Final = "http://www.yale.edu/tp/cas"
XML: Final = "text/xml; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"
PLAIN: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class CasSuccess:
    """`attributes` None: none are told, the three of the protocol included. `iou`: of a
    granting ticket; `proxies`: the callbacks of those who asked, the most recent first (P5).
    """

    user: str
    attributes: Sequence[tuple[str, str]] | None = None
    iou: str = ""
    proxies: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CasProxied:
    """The ticket that a proxy asked for."""

    ticket: str


@dataclass(frozen=True, slots=True)
class CasFailure:
    code: str
    text: str
    element: str = field(default="authenticationFailure")


def list_protocol_attributes(
    *, authenticated_at: datetime, new_login: bool
) -> list[tuple[str, str]]:
    """The three that the schema wants first, in its order."""
    moment = authenticated_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return [
        ("authenticationDate", moment),
        ("longTermAuthenticationRequestTokenUsed", "false"),
        ("isFromNewLogin", "true" if new_login else "false"),
    ]


CasAnswer = CasSuccess | CasProxied | CasFailure


def format_xml(answer: CasAnswer) -> str:
    """`cas:serviceResponse` with the literal prefix that clients of regular expressions want."""
    if isinstance(answer, CasFailure):
        name = f"cas:{answer.element}"
        inner = f"  <{name} code={quoteattr(answer.code)}>{_escape_text(answer.text)}</{name}>\n"
    elif isinstance(answer, CasProxied):
        inner = (
            "  <cas:proxySuccess>\n"
            f"    <cas:proxyTicket>{_escape_text(answer.ticket)}</cas:proxyTicket>\n"
            "  </cas:proxySuccess>\n"
        )
    else:
        inner = (
            "  <cas:authenticationSuccess>\n"
            f"    <cas:user>{_escape_text(answer.user)}</cas:user>\n"
            f"{_format_attributes(answer.attributes)}{_format_granting(answer.iou)}{_format_proxies(answer.proxies)}"
            "  </cas:authenticationSuccess>\n"
        )
    return f'<cas:serviceResponse xmlns:cas="{NAMESPACE}">\n{inner}</cas:serviceResponse>\n'


def _format_attributes(pairs: Sequence[tuple[str, str]] | None) -> str:
    if pairs is None:
        return ""
    lines = [f"      <cas:{name}>{_escape_text(value)}</cas:{name}>\n" for name, value in pairs]
    return f"    <cas:attributes>\n{''.join(lines)}    </cas:attributes>\n"


def _format_granting(iou: str) -> str:
    return (
        f"    <cas:proxyGrantingTicket>{_escape_text(iou)}</cas:proxyGrantingTicket>\n"
        if iou
        else ""
    )


def _format_proxies(urls: Sequence[str]) -> str:
    lines = [f"      <cas:proxy>{_escape_text(url)}</cas:proxy>\n" for url in urls]
    return f"    <cas:proxies>\n{''.join(lines)}    </cas:proxies>\n" if urls else ""


def format_json(answer: CasAnswer) -> str:
    """The same in JSON: lists for the platform's attributes, one value each for the
    protocol's.
    """
    inner: dict[str, Any]
    if isinstance(answer, CasFailure):
        inner = {answer.element: {"code": answer.code, "description": answer.text}}
    elif isinstance(answer, CasProxied):
        inner = {"proxySuccess": {"proxyTicket": answer.ticket}}
    else:
        success: dict[str, Any] = {"user": answer.user}
        if answer.attributes is not None:
            success["attributes"] = _build_json_attributes(answer.attributes)
        if answer.iou:
            success["proxyGrantingTicket"] = answer.iou
        if answer.proxies:
            success["proxies"] = list(answer.proxies)
        inner = {"authenticationSuccess": success}
    return json.dumps({"serviceResponse": inner}, ensure_ascii=False)


def _build_json_attributes(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in pairs:
        if name in ("longTermAuthenticationRequestTokenUsed", "isFromNewLogin"):
            told[name] = value == "true"
        elif name == "authenticationDate":
            told[name] = value
        else:
            told.setdefault(name, []).append(value)
    return told


def format_plain(user: str | None) -> str:
    """CAS 1.0: `yes`, and the name on a second line that its clients read (V1); or `no`."""
    return f"yes\n{user}\n" if user is not None else "no\n\n"


def _escape_text(value: str) -> str:
    """Escaped, without the characters that XML 1.0 knows no way to write."""
    return escape("".join(char for char in value if _is_xml_char(char)))


def _is_xml_char(char: str) -> bool:
    point = ord(char)
    return (
        char in "\t\n\r" or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or point >= 0x10000
    )
