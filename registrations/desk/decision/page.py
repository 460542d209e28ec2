"""The views of the decision page: one GET that shows it, one POST for each act."""

from collections.abc import Callable
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse

from accounts.habilitations.staff.permissions import may_decide
from mgestion.web.kept_typing import forget_typing, kept_values
from registrations.desk.decision import presence
from registrations.desk.decision.context import DeskPage
from registrations.desk.decision.desk_acts import DESK_ACTS, perform_desk_act
from registrations.desk.decision.late_opinion import answer_late_opinion
from registrations.desk.decision.list_place import ListedRequestAdmin
from registrations.desk.decision.rehearsal import is_live_preview

# The word in the address, and the name of the act.
ACT_NAMES: Final = {**{act.word: name for name, act in DESK_ACTS.items()}, "presence": "still_here"}


# What who is only asked for an opinion may do.
READERS_ACTS: Final = (DESK_ACTS["give_opinion"].word,)
CHANGE_URL_NAME: Final = "admin:registrations_request_change"


def show_decision_page(
    admin: ListedRequestAdmin, http: HttpRequest, object_id: str
) -> HttpResponse:
    if http.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    page = DeskPage.open(admin, http, object_id, to_read=True)
    form_view, said = kept_values(http, page.now)
    act = DESK_ACTS.get(form_view.rpartition("registrations_request_")[2])
    if act is None or not act.place or not may_decide(page.staff):
        return page.show()
    form = page.make_form(act.place, said)
    return page.show({act.place: form}, retyped=True) if form is not None else page.show()


def make_act_view(admin: ListedRequestAdmin, word: str) -> Callable[..., HttpResponse]:
    """The view of one act. Looking at its address does nothing: it leads back to the page."""

    def view(http: HttpRequest, object_id: str) -> HttpResponse:
        if word in READERS_ACTS:
            late = answer_late_opinion(admin, http, object_id)
            if late is not None:
                forget_typing(http)
                return late
        page = DeskPage.open(admin, http, object_id, to_read=word in READERS_ACTS)
        if http.method != "POST":
            return page.back()
        if not may_decide(page.staff):
            raise PermissionDenied
        if word == "presence":
            return _record_presence(page)
        if not is_live_preview(http):
            forget_typing(http)
        return perform_desk_act(page, ACT_NAMES[word])

    view.form_page = lambda object_id: reverse(CHANGE_URL_NAME, args=[object_id])  # type: ignore[attr-defined]  # for `KeptTypingMiddleware`
    return view


def _record_presence(page: DeskPage) -> HttpResponse:
    """The open page says that it is; the answer says who else reads, and what has changed."""
    presence.record_presence(page.item, page.user, page.now)
    others = presence.list_other_readers(page.item, page.user, page.now)
    return JsonResponse(
        {"others": [str(person) for person in others], "version": page.item.version}
    )
