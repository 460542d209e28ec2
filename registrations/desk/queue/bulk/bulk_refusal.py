"""Refuse several requests for one reason: one page with the reason, the text, the mail as one of
them will get it and the list of all; then each by its own verb, with its own history and mail.
"""

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse

from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.catalogue.rendering import Message
from mgestion.staff_acts import StaffAct
from registrations.desk.acts.decide import refuse_request
from registrations.desk.decision.forms import RefuseForm
from registrations.desk.decision.list_place import ListedRequestAdmin
from registrations.desk.decision.panels.accounting_firms import (
    ACCOUNTING_FIRM_REASON,
    takes_accounting_firms,
)
from registrations.desk.decision.rehearsal import (
    answer_faults,
    answer_letter,
    answer_refusal,
    build_mail_of_act,
    is_live_preview,
)
from registrations.desk.queue.bulk.bulk_outcomes import (
    TickedRequest,
    decide_each,
    find_bulk_obstacle,
    read_versions,
    render_outcomes,
    select_ticked,
)
from registrations.enrolment.emails import REFUSED
from registrations.requests.models import RefusalReason, Request
from registrations.requests.placeholders import describe_placeholders
from registrations.requests.review.review_clock import get_page_time

REFUSE: Final = "refuser"
TITLE: Final = "Refuser des demandes pour un même motif"


class BulkRefuseForm(RefuseForm):
    """The refusal of several requests for the same reason."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(None, data)
        self.fields["text"].label = "Texte envoyé à chaque personne"
        self.fields["text"].help_text = (
            "Prérempli d’après le motif, à adapter. Remplacés dans chaque e-mail\u00a0: "
            f"{describe_placeholders()}."
        )
        note = self.fields["internal_note"]
        note.label = "Note interne (facultative), inscrite dans chaque demande"


def refuse_view(
    admin: ListedRequestAdmin, http: HttpRequest, user: User, keys: list[str], back: str
) -> HttpResponse:
    step = http.POST.get("step", "")
    live = is_live_preview(http)
    form = BulkRefuseForm(http.POST if step or live else None)
    valid = form.is_valid()
    reason = form.cleaned_data.get("refusal") if form.is_bound else None
    rows = _read_rows_to_refuse(admin, http, user, keys, reason)
    refused = [row for row in rows if not row.refusal]
    act = _build_act(http, user, form.cleaned_data) if valid else None
    if live:
        return _answer_preview(http, form, act, [row.item for row in refused])
    if step == "send" and act is not None and refused:
        outcomes = decide_each(act, http, user, rows, len(keys))
        return render_outcomes(admin, http, TITLE, outcomes, back)
    trouble, letter = "", None
    if act is not None and refused and step == "preview":
        try:
            letter = _rehearse(http, act, refused[0].item)
        except Refused as refusal:
            trouble = refusal.message
    context = {
        "title": TITLE,
        "form": form,
        "faulty": form.is_bound and not valid,
        "trouble": trouble,
        "letter": letter,
        "refused": refused,
        "left": [row for row in rows if row.refusal],
        "unknown": len(keys) - len(rows),
        "filters": http.POST.get("filters", "")[:2000],
        "back": back,
    }
    return admin.render_page(http, "bulk_refuse", context)


def _build_act(http: HttpRequest, user: User, said: dict[str, Any]) -> StaffAct[Request]:
    versions = read_versions(http)
    return StaffAct[Request](
        verb=lambda item, actor, given, now: refuse_request(
            item.pk,
            version=versions.get(str(item.pk), 0),
            reason=said["refusal"],
            text=said["text"],
            internal_note=said["internal_note"],
            actor_user=user,
            now=now,
        ),
        done=f"Refusée\u00a0: {said['refusal']}.",
    )


def _rehearse(http: HttpRequest, act: StaffAct[Request], item: Request) -> Message | None:
    """The mail as this one will get it."""
    now = get_page_time(http)
    actor = Actor.staff(http.user)  # type: ignore[arg-type]  # an agent is a User
    return build_mail_of_act(lambda: act.verb(item, actor, {}, now), REFUSED, item, now)


def _answer_preview(
    http: HttpRequest, form: forms.Form, act: StaffAct[Request] | None, refused: list[Request]
) -> HttpResponse:
    if act is None:
        return answer_faults(form)
    try:
        letter = _rehearse(http, act, refused[0]) if refused else None
    except Refused as refusal:
        return answer_refusal(refusal)
    if letter is None:
        return answer_refusal(Refused("nothing", "Aucune de ces demandes ne peut être refusée."))
    reason = form.cleaned_data["refusal"]
    may = "Oui" if reason.may_resubmit else "Non, ce motif est définitif"
    return answer_letter(letter, (("E-mails", str(len(refused))), ("Correction possible", may)))


def _read_rows_to_refuse(
    admin: ListedRequestAdmin,
    http: HttpRequest,
    user: User,
    keys: list[str],
    reason: RefusalReason | None,
) -> list[TickedRequest]:
    pointless = reason is not None and reason.code == ACCOUNTING_FIRM_REASON
    read = read_versions(http)
    return [
        TickedRequest(
            item, _judge(item, user, pointless=pointless), read.get(str(item.pk), item.version)
        )
        for item in select_ticked(admin, http, keys).select_related("user", "platform", "assignee")
    ]


def _judge(item: Request, user: User, *, pointless: bool) -> str:
    obstacle = find_bulk_obstacle(item, user)
    if obstacle:
        return obstacle
    if pointless and takes_accounting_firms(item):
        return f"{item.platform} prend les cabinets comptables\u00a0: ce motif ne s’y applique pas."
    return ""
