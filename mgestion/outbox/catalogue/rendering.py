"""From the text of a mail and what its builder read to what leaves: subject, plain text, HTML.

The text is Markdown (`outbox.markdown`) with « {{ name }} » and « {% if name %} ». A value is
escaped for Markdown before it is written in, so that what a person typed is never a sign.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Final

from django.conf import settings
from django.template import Context, Engine, Template
from django.template.loader import get_template, render_to_string
from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from mgestion.outbox.catalogue import markdown
from mgestion.outbox.catalogue.kinds import MailContent, MailKind, PlaceholderValue, ValueType

# Headings of a text; what stands before the first of them is the body.
BODY: Final = ""
ACTION: Final = "Bouton"
DEADLINE: Final = "Échéance"
AFTER: Final = "Ensuite"
WHY: Final = "Pourquoi ce message"
BLOCKS: Final = (ACTION, DEADLINE, AFTER, WHY)
_HEADING: Final = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_SENDER: Final = " – OPCO Mobilités"  # in some subjects; the mail's own heading goes without
_PREVIEW_LENGTH: Final = 140  # of the line that a mailbox shows beside the subject
# Nothing to load and nothing to include; values are escaped for Markdown, not for HTML.
_ENGINE: Final = Engine(autoescape=False)


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves. `faulty_text`: the edited text that could not be rendered, so that the original
    one was used.
    """

    to: str
    subject: str
    text: str
    html: str
    reply_to: str = ""
    deadline: date | None = None
    secret: str = ""
    faulty_text: int | None = None


@dataclass(frozen=True, slots=True)
class MailSource:
    """The text of a mail: what its file or the administrator says."""

    subject: str
    body: str

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """(heading, text) in the order of the text, the body first."""
        first, *others = _HEADING.split(self.body)
        pairs = zip(others[::2], others[1::2], strict=True)
        return [(BODY, first.strip()), *((name, text.strip()) for name, text in pairs)]


@cache
def read_original_source(template: str) -> MailSource:
    """« # subject » on the first line of the file, then the text."""
    source: str = get_template(template).template.source  # type: ignore[attr-defined]  # Django's
    subject, _, body = source.partition("\n")
    return MailSource(subject.removeprefix("#").strip(), body.strip())


def render_source(kind: MailKind, source: MailSource, content: MailContent) -> Message:
    """LookupError for a value that the kind does not declare; a declared one that the builder left
    out is empty. Django's template errors for a text that does not hold.
    """
    values = {one.name: content.values.get(one.name, "") for one in kind.placeholders}
    if unknown := content.values.keys() - values.keys():
        raise LookupError(f"{kind.code}: undeclared values {sorted(unknown)}")
    # On one line: no header can be injected (ASVS 1.3.11).
    subject = markdown.join_on_one_line(_fill_source(source.subject, values))
    name = markdown.join_on_one_line(content.name)
    types = {one.name: one.type for one in kind.placeholders}
    escaped = {name: _escape_value(value, types[name]) for name, value in values.items()}
    blocks = {
        name: markdown.parse_markdown(_fill_source(text, escaped)) for name, text in source.blocks
    }
    body = blocks[BODY]
    action = markdown.list_links(blocks.get(ACTION, []))
    label, address = action[0] if action and action[0][1] else ("", "")
    deadline, after, why = (blocks.get(name, []) for name in (DEADLINE, AFTER, WHY))
    body_text = markdown.render_text(body)
    start = " ".join(body_text.split("\n"))
    if content.secret:
        start = start.replace(content.secret, "")
    frame = {
        "heading": subject.removesuffix(_SENDER),
        "greeting": f"Bonjour {name}," if name else "Bonjour,",
        "preview": Truncator(markdown.render_text(deadline) or start).chars(_PREVIEW_LENGTH),
        "action_label": label,
        "action_url": address,
        "contact": content.contact,
        "team": content.team or "L’équipe OPCO Mobilités",
        "support_email": settings.CONTACT_EMAIL,
        "portal": settings.PUBLIC_URL,
    }
    text = render_to_string(
        "mail/base.txt",
        frame
        | {"body": body_text, "deadline": markdown.render_text(deadline)}
        | {"after": markdown.render_text(after), "why": markdown.render_text(why)},
    )
    html = render_to_string(
        "mail/base.html",
        frame
        | {
            "body": _mark_safe_html(markdown.render_html(body)),
            "after": _mark_safe_html(markdown.render_html(after)),
        }
        | {"deadline": _mark_safe_html(markdown.render_inline_html(deadline))}
        | {"why": _mark_safe_html(markdown.render_inline_html(why))},
    )
    return Message(
        to=content.to,
        subject=subject,
        text=re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n",
        html=html,
        reply_to=content.reply_to,
        deadline=content.deadline,
        secret=content.secret,
    )


@lru_cache(maxsize=1024)
def _compile_source(source: str) -> Template:
    return Template(source, engine=_ENGINE)


def _fill_source(source: str, values: Mapping[str, PlaceholderValue]) -> str:
    return str(_compile_source(source).render(Context(dict(values), autoescape=False)))


def _escape_value(value: PlaceholderValue, kind: ValueType) -> PlaceholderValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return markdown.escape_items(value)
    if kind is ValueType.PARAGRAPHS:
        return markdown.escape_paragraphs(str(value))
    # Zero is a number to read and a condition that does not hold.
    return value if isinstance(value, int) else markdown.escape_line(value)


def _mark_safe_html(html: str) -> str:
    """What the Markdown library wrote: it escapes, and was told to let no HTML through."""
    return mark_safe(html)  # noqa: S308 - its docstring says why
