"""The cells of the queue's table, each written by one format: a template for the thirty values of
fifty rows takes a third of the page.
"""

from collections.abc import Iterable
from html import escape
from typing import Final

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime

from accounts.habilitations.enums import EstablishmentKind
from mgestion.templatetags.portal import brief_moment, short_moment, siret
from registrations.desk.queue.rows import FoldedColumns, QueueRow
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_clock import STATUS_TONES, DueLabel

_NOTHING: Final = SafeString("")
_ANSWERED: Final = SafeString('<strong class="desk-answered">Réponse reçue</strong> · ')
# A company is the usual case, which goes without saying.
_KINDS: Final = {EstablishmentKind.ENTREPRISE: "", EstablishmentKind.OF: "OF"}


def fill_html(pattern: str, *values: str) -> SafeString:
    """Django's `format_html` for strings alone: it takes most of its time to ask of each value
    whether it is a lazy text.
    """
    escaped = [value if isinstance(value, SafeString) else escape(value) for value in values]
    return SafeString(pattern.format(*escaped))


def draw_rows(rows: Iterable[QueueRow], shown: FoldedColumns, *, with_boxes: bool) -> SafeString:
    """The table's body. `shown`: the columns that are not folded."""
    lines = (
        f"<tr>{_draw_box(row, number) if with_boxes else ''}{_draw_cells(row, shown)}</tr>"
        for number, row in enumerate(rows, start=1)
    )
    return SafeString("\n".join(lines))


def _draw_box(row: QueueRow, number: int) -> SafeString:
    return fill_html(
        '<td class="desk-tick"><input type="checkbox" name="items" value="{0}" id="tick-{1}" '
        'form="bulk"><label for="tick-{1}" class="visually-hidden">Cocher {2}</label></td>',
        str(row.request.pk),
        str(number),
        row.request.reference,
    )


def _draw_cells(row: QueueRow, shown: FoldedColumns) -> SafeString:
    item = row.request
    cells = (
        _draw_reference(row),
        _draw_person(item),
        _draw_establishment(item),
        _draw_branch(row, with_platform=shown.platform),
        _draw_department(row, with_delegation=shown.delegation),
        _draw_due(item, row.due) if row.due else _draw_status(item),
        _draw_signals(row) if shown.signals else _NOTHING,
        _draw_assignee(row) if shown.assignee else _NOTHING,
    )
    return SafeString("".join(cells))


def _draw_reference(row: QueueRow) -> SafeString:
    return fill_html(
        '<th scope="row" data-label="Référence"><a class="mono nowrap" href="{}">{}</a> '
        '<span class="desk-sub">{}</span></th>',
        row.address,
        row.request.reference,
        short_moment(localtime(row.request.submitted_at)),
    )


def _draw_person(item: Request) -> SafeString:
    return fill_html(
        '<td data-label="Personne"><span class="desk-line">{} {}</span> '
        '<span class="desk-sub" title="{}">{}{}</span></td>',
        item.last_name,
        item.first_name,
        item.user.email,
        "Sur invitation · " if item.invitation_id else "",
        item.user.email,
    )


def _draw_establishment(item: Request) -> SafeString:
    kind = _KINDS.get(EstablishmentKind(item.kind), item.get_kind_display())
    return fill_html(
        '<td data-label="Établissement"><span class="desk-line" title="{}">{}</span> '
        '<span class="desk-sub"><span class="nowrap">{}</span>{}</span></td>',
        item.company_name,
        item.company_name,
        siret(item.siret),
        f" · {kind}" if kind else "",
    )


def _draw_branch(row: QueueRow, *, with_platform: bool) -> SafeString:
    """The DGA follows from the branch, and is said in its place where there is none."""
    item = row.request
    branch = str(item.branch or item.dga or "Sans branche")
    title = f"{item.branch or 'Sans branche'}, {item.dga or 'sans DGA'}"
    if not with_platform:
        return fill_html(
            '<td data-label="Branche"><span class="desk-line" title="{}">{}</span></td>',
            title,
            branch,
        )
    return fill_html(
        '<td data-label="Plateforme, branche"><span class="desk-line">{}</span> '
        '<span class="desk-sub" title="{}">{}</span></td>',
        row.platform,
        title,
        branch,
    )


def _draw_department(row: QueueRow, *, with_delegation: bool) -> SafeString:
    if not with_delegation:
        return fill_html(
            '<td data-label="Département"><span class="desk-line">{}</span></td>',
            str(row.request.department),
        )
    return fill_html(
        '<td data-label="Département, délégation"><span class="desk-line">{}</span> '
        '<span class="desk-sub{}">{}</span></td>',
        str(row.request.department),
        "" if row.request.delegation_id else " desk-alert",
        row.delegation,
    )


def _draw_due(item: Request, due: DueLabel) -> SafeString:
    if item.paused_at:
        since = f"depuis le {brief_moment(localtime(item.paused_at))}"
        more = fill_html("{} {}", capfirst(item.get_status_display()), since)
    else:
        at = brief_moment(localtime(item.due_at))
        more = fill_html('{}<span class="desk-due-at"> · {}</span>', capfirst(due.span), at)
    return fill_html(
        '<td data-label="Échéance, statut"><span class="due {}">{}</span> '
        '<span class="desk-sub">{}{}</span></td>',
        due.tone,
        capfirst(due.words),
        _ANSWERED if item.desk_unread_since else "",
        more,
    )


def _draw_status(item: Request) -> SafeString:
    at = short_moment(localtime(item.decided_at)) if item.decided_at else ""
    return fill_html(
        '<td data-label="Échéance, statut"><span class="badge-state {}">{}</span> '
        '<span class="desk-sub">{}</span></td>',
        STATUS_TONES[RequestStatus(item.status)],
        capfirst(item.get_status_display()),
        f"Décidée le {at}" if at else "",
    )


def _draw_signals(row: QueueRow) -> SafeString:
    """The first in words, the others on the second line; its page explains each."""
    if not row.signals:
        return SafeString('<td data-label="Signaux"></td>')
    first, *others = (str(signal.label) for signal in row.signals)
    more = ", ".join(others)
    return fill_html(
        '<td data-label="Signaux"><span class="desk-line desk-raised">{}</span>{}</td>',
        capfirst(first),
        fill_html(' <span class="desk-sub desk-raised-more" title="{0}">{0}</span>', more)
        if more
        else "",
    )


def _draw_assignee(row: QueueRow) -> SafeString:
    return fill_html(
        '<td data-label="Instructeur" class="desk-assignee">{}</td>',
        SafeString("<strong>Moi</strong>") if row.mine else row.assignee,
    )
