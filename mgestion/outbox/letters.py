"""Three templates make a letter: `<prefix>_subject.txt`, `<prefix>.txt` and `<prefix>.html`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.template.loader import render_to_string

from mgestion.outbox.messages import Message


def render(prefix: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject on one line (no header can be injected, ASVS 1.3.11), text, HTML."""
    values = dict(context)
    subject = " ".join(render_to_string(f"{prefix}_subject.txt", values).split(" "))
    subject = " ".join(subject.splitlines()).strip()
    text = render_to_string(f"{prefix}.txt", values).strip() + "\n"
    return subject, text, render_to_string(f"{prefix}.html", values)


def compose(
    prefix: str,
    context: Mapping[str, Any],
    *,
    to: str,
    reply_to: str = "",
    deadline: date | None = None,
) -> Message:
    subject, text, html = render(prefix, context)
    return Message(
        to=to, subject=subject, text=text, html=html, reply_to=reply_to, deadline=deadline
    )
