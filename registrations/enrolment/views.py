"""The views of the enrolment form: new request, resubmission after a refusal, correction."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.habilitations.enums import Dashboard, EstablishmentKind
from accounts.habilitations.platforms.admission import OnlineAdmissions
from accounts.habilitations.platforms.mgestion_platforms import MGESTION, MGESTION_COMPANY
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch
from accounts.legal.terms.request_documents import find_request_documents
from accounts.people import phones
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.web.kept_typing import forget_typing, kept_values
from registrations.documents.intake import discard_on_failure, receive_first_files
from registrations.enrolment.amend_flows import amend_request
from registrations.enrolment.base_form import EnrolmentForm
from registrations.enrolment.establishment.establishment_search import (
    comes_from_search,
    read_choice,
)
from registrations.enrolment.forms import build_enrolment_form
from registrations.enrolment.initial_answers import (
    initial_from_account,
    initial_from_past,
    initial_from_request,
)
from registrations.enrolment.submit_flows import (
    RequestAlreadyOpen,
    ResendWay,
    find_resend_way,
    submit_request,
)
from registrations.promise.response_times import recall_response_time
from registrations.requests.activity import record_activity
from registrations.requests.contacts import get_national_contact
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from registrations.requests.platform_links import (
    build_form_url,
    check_service,
    get_request_label,
)
from registrations.requests.querysets import select_earlier_requests
from registrations.requests.request_guards import describe_request_state
from registrations.requests.signed_in_views import get_own_request, read_form_token

# Tag of the message that opens the confirmation dialog on the status page, once.
CONFIRMATION_TAG = "confirmation"
FILES_LATER = "Votre demande est enregistrée\u00a0: envoyez vos fichiers depuis cette page."
TERMS_CHANGED = (
    "Les conditions viennent de changer\u00a0: relisez-les, puis enregistrez de nouveau."
)


@require_http_methods(["GET", "HEAD", "POST"])
def new_request_view(request: HttpRequest) -> HttpResponse:
    """The form of M-Gestion. `?branche=` comes from a published link."""
    admissions = OnlineAdmissions()
    platform = admissions.find_platform(MGESTION_COMPANY)
    if platform is None:  # closed, or without a rule for companies
        platform = Platform.objects.get(code=MGESTION_COMPANY)
    earlier = _list_earlier_requests(get_signed_in_user(request), admissions)
    return _serve_form(request, platform, admissions, _read_link_context(request.GET), earlier)


@require_http_methods(["GET", "HEAD", "POST"])
def request_for_platform_view(request: HttpRequest, code: str) -> HttpResponse:
    """The form of another platform, or a page that leads on where none can be sent (R77, D66)."""
    admissions = OnlineAdmissions()
    platform = admissions.find_platform(code)
    if platform is None:  # closed, or without a rule for who comes by themselves
        platform = Platform.objects.filter(code=code, enabled=True).first()
        if platform is None or not (platform.code in MGESTION or _is_invited_again(request)):
            return render_no_form(request, platform)
    if platform.code in MGESTION:
        return redirect(build_form_url(platform))
    user = get_signed_in_user(request)
    earlier, kinds = _list_earlier_requests(user, admissions), admissions.list_profiles(code)
    known = initial_from_past(user, platform, kinds, earlier)
    return _serve_form(request, platform, admissions, known, earlier)


def _is_invited_again(request: HttpRequest) -> bool:
    """Whether `?suite=` names a refused request whose invitation proves its correction too."""
    if not request.GET.get("suite"):
        return False
    previous = get_own_request(request, request.GET["suite"])
    return find_resend_way(previous, timezone.now()) is ResendWay.WITH_INVITATION


def render_no_form(request: HttpRequest, platform: Platform | None) -> HttpResponse:
    """Unknown or closed, with its own sign-up page, or opened by agents only."""
    return render(
        request,
        "registrations/enrolment/no_form.html",
        {"platform": platform, "contact": get_national_contact()},
        status=200 if platform else 404,
    )


def _serve_form(
    request: HttpRequest,
    platform: Platform,
    admissions: OnlineAdmissions,
    known: dict[str, str],
    earlier: Sequence[Request],
) -> HttpResponse:
    """Show and submit a new request. `?suite=` is the refused request to correct; `?service=` the
    address of the platform where the person was going.
    """
    now, user = timezone.now(), get_signed_in_user(request)
    label = get_request_label(platform)
    previous: Request | None = None
    invited: Request | None = None
    kept: dict[str, str] = {}
    if request.GET.get("suite"):
        previous = get_own_request(request, request.GET["suite"])
        if previous.status != RequestStatus.REFUSED or not previous.may_resubmit:
            return redirect("registrations:request_status", previous.reference)
        if get_request_label(previous.platform) != label:
            return redirect(build_form_url(previous.platform, suite=previous.reference))
        if find_resend_way(previous, now) is ResendWay.WITH_INVITATION:
            invited = previous
    record_activity(user, now=now)
    in_mgestion = platform.code in MGESTION
    documents = find_request_documents(MGESTION if in_mgestion else [platform.code], now)
    token = read_form_token(request.POST)
    rules = {"admissions": admissions, "invited": invited}
    if request.method != "POST" or comes_from_search(request.POST):
        initial = initial_from_request(previous) if previous else initial_from_account(user) | known
        form = build_enrolment_form(platform, initial=initial, **rules)
        kept = _fill_before_sending(request, form, now)
    else:
        form = build_enrolment_form(platform, request.POST, files=request.FILES, **rules)
        if request.POST.get("terms", "") != documents.stamp:
            # They changed since the page was opened: the person accepted an older version.
            form.add_error("accept_terms", TERMS_CHANGED)
        if form.is_valid():
            taken = receive_first_files(user, form.proof_files, now)
            try:
                with discard_on_failure(taken.received):
                    made = submit_request(
                        user=user,
                        answers=form.answers(),
                        form_token=token,
                        resubmission_of=previous,
                        service=check_service(platform, request.GET.get("service", "")),
                        files=taken.received,
                        now=now,
                    )
            except RequestAlreadyOpen as refused:
                messages.info(request, refused.message)
                return redirect("registrations:request_status", refused.reference)
            except Refused as refused:
                form.add_error(None, refused.message)
            else:
                forget_typing(request)
                _warn_about_phone(request, form)
                for sentence in taken.refused:
                    messages.warning(request, f"{sentence} {FILES_LATER}")
                messages.success(request, made.reference, extra_tags=CONFIRMATION_TAG)
                return redirect("registrations:request_status", made.reference)
        form.ask_files_again()
    if documents.conditions and not in_mgestion:  # whose switch keeps the words of its source
        switch, accepted = form.fields["accept_terms"], documents.conditions[0].document.name
        switch.label = f"{switch.label} et les {accepted}"
    return render(
        request,
        "registrations/enrolment/request_form.html",
        {
            "form": form,
            "label": label,
            "platform": platform,
            "form_url": build_form_url(platform),
            "token": token,
            "previous": previous,
            "invited": invited,
            "kept": kept,
            "person": user,
            "terms": documents.stamp,
            "conditions": documents.conditions,
            **_describe_response_time(form, now),
            **_describe_earlier_requests(earlier, label, previous),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_request_view(request: HttpRequest, reference: str) -> HttpResponse:
    """Correct an open request, which keeps its reference and its due time."""
    now, user = timezone.now(), get_signed_in_user(request)
    kept: dict[str, str] = {}
    current = get_own_request(request, reference)
    if not current.is_open:
        messages.warning(request, describe_request_state(current, for_staff=False))
        return redirect("registrations:request_status", reference)
    record_activity(user, now=now)
    platform = current.platform
    if request.method != "POST" or comes_from_search(request.POST):
        initial = initial_from_request(current)
        form = build_enrolment_form(platform, initial=initial, correcting=current)
        kept = _fill_before_sending(request, form, now)
    else:
        form = build_enrolment_form(platform, request.POST, correcting=current)
        if form.is_valid():
            try:
                amended = amend_request(current.pk, user, form.answers(), now)
            except Refused as refused:
                form.add_error(None, refused.message)
            else:
                forget_typing(request)
                _confirm_correction(request, before=current, after=amended)
                _warn_about_phone(request, form)
                return redirect("registrations:request_status", reference)
    return render(
        request,
        "registrations/enrolment/request_form.html",
        {
            "form": form,
            "label": get_request_label(platform),
            "platform": platform,
            "correcting": current,
            "kept": kept,
            "person": user,
        },
    )


def _describe_response_time(form: EnrolmentForm, now: datetime) -> dict[str, object]:
    """Of the délégation, as soon as its département is known."""
    department = form.known_department
    return {
        "response_time": recall_response_time(now, department),
        "department_known": bool(department),
    }


def _fill_before_sending(
    request: HttpRequest, form: EnrolmentForm, now: datetime
) -> dict[str, str]:
    """Give back what was typed: before a search of the establishment, with what was found, or
    before a login. Returns the latter.
    """
    if request.method == "POST":
        form.choice = read_choice(request.POST, form, now)
        form.initial = {**form.initial, **form.choice.values}
        return {}
    _, said = kept_values(request, now)
    kept = {name: said[name] for name in form.kept_fields if name in said}
    form.initial = {**form.initial, **kept}
    return kept


def _list_earlier_requests(user: User, admissions: OnlineAdmissions) -> list[Request]:
    """The person's requests for open platforms, newest first. The platforms are those of
    `admissions`: to join them again would be a tenth of the page.
    """
    known = admissions.platforms
    earlier = [each for each in select_earlier_requests(user)[:20] if each.platform_id in known]
    for each in earlier:
        each.platform = known[each.platform_id]
    return earlier


def _describe_earlier_requests(
    earlier: Sequence[Request], label: str, previous: Request | None
) -> dict[str, object]:
    """The person's earlier requests for the same platform, shown above a new form."""
    latest = [each for each in earlier if get_request_label(each.platform) == label]
    refused = latest[0] if latest and latest[0].status == RequestStatus.REFUSED else None
    may_mend = refused is not None and refused.may_resubmit and previous is None
    return {
        "open_requests": [request for request in latest if request.is_open],
        "to_mend": refused if may_mend else None,
    }


def _read_link_context(query: QueryDict) -> dict[str, str]:
    """Initial values from a published link: « automobile » selects a branch, « of » a type;
    « transport » has several branches and selects none."""
    dashboard = query.get("branche", "")
    if dashboard not in Dashboard.values:
        return {}
    if dashboard == Dashboard.OF:
        return {"kind": EstablishmentKind.OF}
    codes = list(
        Branch.objects.filter(selectable=True, dashboard=dashboard).values_list("code", flat=True)
    )
    chosen = dashboard if dashboard in codes else codes[0] if len(codes) == 1 else ""
    return {"kind": EstablishmentKind.ENTREPRISE, "branch": chosen}


def _warn_about_phone(request: HttpRequest, form: EnrolmentForm) -> None:
    warning = phones.parse_phone(form.cleaned_data["phone"]).warning
    if warning:
        messages.warning(request, warning)


def _confirm_correction(request: HttpRequest, *, before: Request, after: Request) -> None:
    if after.version == before.version:
        messages.info(request, "Vous n’avez rien changé\u00a0: votre demande reste la même.")
    else:
        messages.success(request, "Votre demande est corrigée. Son échéance ne change pas.")
