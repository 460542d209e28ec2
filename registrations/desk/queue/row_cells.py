"""The cells of the queue's table, each written by one format: a template for the thirty values of
fifty rows takes a third of the page.
"""

from typing import Final

from django.utils.html import format_html
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


def draw_cells(row: QueueRow, shown: FoldedColumns) -> SafeString:
    """All but the box to tick. `shown`: the columns that are not folded."""
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
    return format_html(
        '<th scope="row" data-label="Référence"><a class="mono nowrap" href="{}">{}</a> '
        '<span class="desk-sub">{}</span></th>',
        row.address,
        row.request.reference,
        short_moment(localtime(row.request.submitted_at)),
    )


def _draw_person(item: Request) -> SafeString:
    return format_html(
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
    return format_html(
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
        return format_html(
            '<td data-label="Branche"><span class="desk-line" title="{}">{}</span></td>',
            title,
            branch,
        )
    return format_html(
        '<td data-label="Plateforme, branche"><span class="desk-line">{}</span> '
        '<span class="desk-sub" title="{}">{}</span></td>',
        row.platform,
        title,
        branch,
    )


def _draw_department(row: QueueRow, *, with_delegation: bool) -> SafeString:
    if not with_delegation:
        return format_html(
            '<td data-label="Département"><span class="desk-line">{}</span></td>',
            row.request.department,
        )
    return format_html(
        '<td data-label="Département, délégation"><span class="desk-line">{}</span> '
        '<span class="desk-sub{}">{}</span></td>',
        row.request.department,
        "" if row.request.delegation_id else " desk-alert",
        row.delegation,
    )


def _draw_due(item: Request, due: DueLabel) -> SafeString:
    if item.paused_at:
        since = f"depuis le {brief_moment(localtime(item.paused_at))}"
        more = format_html("{} {}", capfirst(item.get_status_display()), since)
    else:
        at = brief_moment(localtime(item.due_at))
        more = format_html('{}<span class="desk-due-at"> · {}</span>', capfirst(due.span), at)
    return format_html(
        '<td data-label="Échéance, statut"><span class="due {}">{}</span> '
        '<span class="desk-sub">{}{}</span></td>',
        due.tone,
        capfirst(due.words),
        _ANSWERED if item.desk_unread_since else "",
        more,
    )


def _draw_status(item: Request) -> SafeString:
    at = short_moment(localtime(item.decided_at)) if item.decided_at else ""
    return format_html(
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
    return format_html(
        '<td data-label="Signaux"><span class="desk-line desk-raised">{}</span>{}</td>',
        capfirst(first),
        format_html(' <span class="desk-sub desk-raised-more" title="{0}">{0}</span>', more)
        if more
        else "",
    )


def _draw_assignee(row: QueueRow) -> SafeString:
    return format_html(
        '<td data-label="Instructeur" class="desk-assignee">{}</td>',
        SafeString("<strong>Moi</strong>") if row.mine else row.assignee,
    )
