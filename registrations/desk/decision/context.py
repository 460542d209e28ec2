"""The decision page: context for the template, and messages for refused acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, cast
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.habilitations.reference.models import Dga
from accounts.habilitations.staff.permissions import (
    Staff,
    get_staff,
    may_configure,
    may_decide,
    may_see_request,
)
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from registrations.desk.acts.assign import list_eligible_colleagues
from registrations.desk.decision import act_forms, presence
from registrations.desk.decision.forms import (
    ApproveForm,
    RefuseForm,
    find_known_establishment,
    get_proposed_role,
)
from registrations.desk.decision.list_place import (
    ListedRequestAdmin,
    ListPlace,
    build_place_query,
    build_queue_url,
    find_list_place,
    read_list_query,
)
from registrations.desk.decision.panels.conversation_panel import (
    MessageToApplicantForm,
    load_conversation,
)
from registrations.desk.decision.panels.evidence import Evidence, find_next_request, gather_evidence
from registrations.desk.decision.panels.opinion_panel import (
    AskOpinionForm,
    GiveOpinionForm,
    load_opinions,
)
from registrations.desk.decision.panels.papers import RequestDocuments, get_request_documents
from registrations.desk.decision.rehearsal import MailPreview
from registrations.desk.reminders.undelivered_list import UndeliveredNotice, list_open_notices
from registrations.enrolment import emails
from registrations.invitations.evidence import prefetch_evidence
from registrations.requests.enums import RequestAct, RequestOrigin, RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_clock import describe_due_time, get_page_time
from registrations.requests.review.review_rules import TRANSITIONS

NEXT: Final = "suivante"  # the button that decides and goes on to the next request of the list
RELATED: Final = ("platform", "user", "department", "branch", "profile", "delegation", "dga")
# Most requests have none of these, which then cost nothing; with them in the statement above
# PostgreSQL plans sixteen joins for 25 ms, and runs them in one.
RELATED_APART: Final = ("assignee", "refusal_reason", "establishment")
# Where the verbs' refusals are shown; the others stand above the forms.
FIELDS_BY_ERROR_CODE: Final = {
    "unknown_role": ("role",),
    "reason_needed": ("reason",),
    "evidence_needed": ("evidence",),
    "text_needed": ("text",),
    "placeholder": ("text", "message"),
    "message_needed": ("message",),
    "documents_long": ("documents",),
    "deadline": ("last_day",),
    "note_needed": ("text",),
    "same_route": ("delegation",),
    "cannot_hold": ("to",),
    "cannot_answer": ("of",),
    "question_needed": ("question",),
    "verdict_needed": ("verdict",),
    "answer_needed": ("answer",),
}


@dataclass
class DeskPage:
    """One request as one agent sees it, during one HTTP request."""

    admin: ListedRequestAdmin
    http: HttpRequest
    item: Request
    staff: Staff
    user: User
    now: datetime
    evidence: Evidence | None = None  # once the page is shown
    following: Request | None = None  # in the list, before an act moved this one

    @classmethod
    def open(
        cls, admin: ListedRequestAdmin, http: HttpRequest, object_id: str, *, to_read: bool = False
    ) -> "DeskPage":
        """Out of the scope is as unknown as what does not exist. `to_read`: who is asked for an
        opinion may.
        """
        staff = get_staff(http.user)
        try:
            key = UUID(object_id)
        except ValueError:
            raise Http404 from None
        rows = admin.select_readable(http) if to_read else admin.get_queryset(http)
        item = _select_whole(rows).filter(pk=key).first()
        if staff is None or item is None:
            raise Http404
        return cls(admin, http, item, staff, cast(User, http.user), get_page_time(http))

    @property
    def address(self) -> str:
        return reverse("admin:registrations_request_change", args=[self.item.pk])

    @property
    def version(self) -> int:
        """The version that the reviewer has read; 0 for what is no number."""
        return parse_number(self.http.POST.get("version", ""))

    @cached_property
    def colleagues(self) -> list[User]:
        return list_eligible_colleagues(self.item, self.user)

    @property
    def in_own_scope(self) -> bool:
        """Not only asked for an opinion."""
        item = self.item
        return may_see_request(self.staff, delegation_id=item.delegation_id, dga_id=item.dga_id)

    @property
    def place(self) -> ListPlace:
        return find_list_place(self.admin, self.http, self.item)

    def remember_place(self) -> None:
        """Before an act: it may move the request in the list, or out of it."""
        place = self.place
        self.following = place.next_to_do if self.goes_on else place.following

    @property
    def goes_on(self) -> bool:
        """« Et passer à la suivante » was pressed."""
        return NEXT in (self.http.POST.get("then"), self.http.POST.get("step"))

    @property
    def sends(self) -> bool:
        """The mail of the act has been seen: it may leave."""
        return self.http.POST.get("step") in ("send", NEXT)

    @property
    def queue_url(self) -> str:
        """The list that the request was opened from."""
        return build_queue_url(read_list_query(self.http))

    def back(self) -> HttpResponse:
        """To the page, or to the list once the request is out of this agent's scope."""
        query = build_place_query(read_list_query(self.http), self.following)
        return HttpResponseRedirect(f"{self.address}{query}" if self.in_scope() else self.queue_url)

    def go_on(self) -> HttpResponse:
        """After an act: to the next request of the list that can be done, or to the list."""
        if not self.goes_on:
            return self.back()
        if self.following is None:
            messages.info(self.http, "C’était la dernière demande à traiter de cette liste.")
            return HttpResponseRedirect(self.queue_url)
        address = reverse("admin:registrations_request_change", args=[self.following.pk])
        return HttpResponseRedirect(address + build_place_query(read_list_query(self.http)))

    def show(
        self,
        forms: Mapping[str, Form] | None = None,
        *,
        preview: MailPreview | None = None,
        trouble: str = "",
        stale: bool = False,
        retyped: bool = False,
    ) -> HttpResponse:
        """The page as things stand. `trouble` says why nothing was done; what was typed is kept.
        `retyped`: a form that was posted while the session ended is given back.
        """
        given = dict(forms or {})
        if preview is None and not trouble:
            for form in given.values():
                _focus_first_field(form)
        seen = parse_number(self.http.POST.get("seen", "")) if stale else None
        self.evidence = evidence = gather_evidence(self.item, self.staff, seen=seen)
        papers = get_request_documents(self.item, self.now)
        # A form that comes back keeps what the reviewer had read, unless told what changed.
        kept = not stale and not retyped and bool(given)
        decides = may_decide(self.staff) and self.in_own_scope
        works = decides and self.item.user_id != self.user.pk
        can_act = works and self.item.is_open
        notices = list_open_notices(self.item)
        opinions = load_opinions(self.item, self.user, self.staff)
        shown = self._forms(given, papers, notices, open_=can_act, works=works)
        if any(line.mine for line in opinions):
            shown["give"] = given.get("give") or self.make_form("give")
        place = self.place
        context = {
            **shown,
            "title": f"Demande {self.item.reference}",
            "item": self.item,
            "evidence": evidence,
            "papers": papers,
            "conversation": load_conversation(self.item, papers),
            "unsent": _read_unsent(given, shown),
            "notices": notices,
            "opinions": opinions,
            "guest": not self.in_own_scope,
            "due": describe_due_time(self.item, self.now),
            "can_act": can_act,
            "works": works,
            "read_only": not decides,
            "own": self.item.user_id == self.user.pk,
            "mine": self.item.assignee_id == self.user.pk,
            "may_release": self.item.assignee_id == self.user.pk or may_configure(self.staff),
            "faulty": [] if retyped else [form for form in given.values() if form.errors],
            "retyped": retyped and any(shown[name] is form for name, form in given.items()),
            "approval": emails.approval_preview(
                self.item, role_label=str(get_proposed_role(self.item).label)
            )
            if can_act
            else None,
            "version": self.version if kept else self.item.version,
            "seen": parse_number(self.http.POST.get("seen", "")) if kept else evidence.last_event,
            "preview": preview if works else None,
            "trouble": trouble,
            "stale": stale,
            "present": presence.list_other_readers(self.item, self.user, self.now) if works else [],
            "place": place,
            # The most urgent of the whole scope, once the list has nothing more to do.
            "next_item": find_next_request(self.item, self.staff, self.user)
            if decides and place.next_to_do is None
            else None,
            "approved": self.item.status == RequestStatus.APPROVED,
            "refused": self.item.status == RequestStatus.REFUSED,
        }
        return self.admin.render_page(self.http, "decision", context, status=409 if stale else 200)

    def _forms(
        self,
        given: dict[str, Form],
        papers: RequestDocuments,
        notices: list[UndeliveredNotice],
        *,
        open_: bool,
        works: bool,
    ) -> dict[str, Form | None]:
        """Each act's form where the act is possible, with what was typed in it."""
        item = self.item
        approved = works and item.status == RequestStatus.APPROVED
        awaited = papers.awaited is not None
        possible = {
            "approve": open_,
            "refuse": open_,
            "ask": (open_ or approved) and not awaited,
            "message": open_,
            "prolong": works and awaited,
            "reroute": open_,
            "assign": open_,
            "opinion": open_,
            "give": False,
            "note": works,
            "reopen": works
            and item.origin != RequestOrigin.STAFF
            and item.status in TRANSITIONS[RequestAct.REOPENED].sources,
            "access": approved and papers.access is not None,
            "told": works and bool(notices),
        }
        return {
            place: (given.get(place) or self.make_form(place)) if shown else None
            for place, shown in possible.items()
        }

    def make_form(self, place: str, data: Any = None) -> Form | None:
        """The form of one act, with what was typed in it. None while no document is awaited for
        the form that prolongs the wait.
        """
        item, query = self.item, self.http.GET
        match place:
            case "approve":
                gathered = self.evidence
                known = (
                    gathered.same_kind(item.kind) if gathered else find_known_establishment(item)
                )
                return ApproveForm(item, data, known=known)
            case "refuse":
                return RefuseForm(item, data, ready=query.get("motif", "")[:40])
            case "ask":
                ready = query.get("modele", "")[:40]
                return act_forms.AskForDocumentsForm(item, self.now, data, ready=ready)
            case "message":
                waits = item.status == RequestStatus.AWAITING_DOCUMENT
                files = self.http.FILES if data is self.http.POST else None
                return MessageToApplicantForm(self.now, data, files, awaited=waits)
            case "prolong":
                awaited = item.askings.open().first()
                if awaited is None:
                    return None
                return act_forms.ProlongAskingForm(awaited.last_day, self.now, data)
            case "reroute":
                return act_forms.RerouteForm(item, data)
            case "assign":
                return act_forms.AssignForm(self.colleagues, data)
            case "opinion":
                dgas = list(Dga.objects.order_by("name"))
                return AskOpinionForm(item, self.colleagues, dgas, data)
            case "give":
                return GiveOpinionForm(data)
            case _:
                return act_forms.PLAIN_FORMS[place](data)

    def in_scope(self) -> bool:
        """Whether the request, as it is now, is still one of this agent's."""
        return self.admin.get_queryset(self.http).filter(pk=self.item.pk).exists()

    def reread(self) -> None:
        """The request as it stands now, after a verb said no or did its work."""
        self.item = _select_whole(Request.objects.all()).get(pk=self.item.pk)

    def say_no(self, no: Refused, name: str, form: Form) -> HttpResponse:
        """Somebody was faster: who and when, or what changed. Else the field says what to mend. A
        message to the person is shown again even where it can no longer be sent.
        """
        stale = no.code == "stale" or (isinstance(no, WrongState) and name == "message")
        if isinstance(no, WrongState) and not stale:
            messages.warning(self.http, f"{no.message} Rien n’a été modifié par votre envoi.")
            return self.back()
        field = find_faulty_field(form, no)
        if field:
            form.add_error(field, no.message)
        if not stale:
            return self.show({name: form}, trouble="" if field else no.message)
        if not self.in_scope():
            messages.warning(self.http, f"{no.message} Elle n’est plus dans votre périmètre.")
            return HttpResponseRedirect(self.queue_url)
        self.reread()
        return self.show({name: form}, trouble=no.message, stale=True)


def _select_whole(rows: QuerySet[Request]) -> QuerySet[Request]:
    """With all that the page reads of a request."""
    return rows.select_related(*RELATED).prefetch_related(*RELATED_APART, prefetch_evidence())


def _read_unsent(given: Mapping[str, Form], shown: Mapping[str, Form | None]) -> str:
    """The message to the person that the request, decided meanwhile, no longer takes."""
    form = given.get("message")
    return form.data.get("text", "") if form is not None and shown["message"] is None else ""


def find_faulty_field(form: Form, no: Refused) -> str:
    """The field that a verb's refusal is about; empty where it is about none."""
    names = FIELDS_BY_ERROR_CODE.get(no.code, ())
    return next((name for name in names if name in form.fields), "")


def _focus_first_field(form: Form) -> None:
    """A form that comes back to be modified has the focus; with errors their summary has it."""
    if not form.errors:
        next(iter(form.visible_fields())).field.widget.attrs["autofocus"] = True


def parse_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
