"""Three templates make a letter: `<prefix>_subject.txt`, `<prefix>.txt` and `<prefix>.html`."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.template import Context, Engine
from django.template.loader import render_to_string

from mgestion.outbox.messages import Message

_SENDER: Final = " – OPCO Mobilités"  # in some subjects; the letter's own heading goes without


def render(prefix: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject on one line (no header can be injected, ASVS 1.3.11), text, HTML."""
    lines = _plain(f"{prefix}_subject.txt", context).splitlines()
    subject = " ".join(line.strip(" \t") for line in lines if line.strip(" \t"))
    whole = {
        "support_email": settings.CONTACT_EMAIL,
        "heading": subject.removesuffix(_SENDER),
        **context,
    }
    # Blocks that say nothing leave their empty lines behind.
    text = re.sub(r"\n{3,}", "\n\n", _plain(f"{prefix}.txt", whole).strip()) + "\n"
    return subject, text, render_to_string(f"{prefix}.html", whole)


def _plain(template: str, context: Mapping[str, Any]) -> str:
    """Django escapes for HTML whatever a file is called; « Dupont & fils » must stay itself."""
    found = Engine.get_default().get_template(template)
    return str(found.render(Context(dict(context), autoescape=False)))


def compose(
    prefix: str,
    context: Mapping[str, Any],
    *,
    to: str,
    reply_to: str = "",
    deadline: date | None = None,
    secret: str = "",
) -> Message:
    subject, text, html = render(prefix, context)
    return Message(
        to=to,
        subject=subject,
        text=text,
        html=html,
        reply_to=reply_to,
        deadline=deadline,
        secret=secret,
    )
