"""« Demander le rôle Administrateur », for who holds a lower one."""

import uuid
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.habilitations.platforms.roles import build_roles_page
from accounts.legal.terms.request_documents import find_request_documents
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.web.form_layout import FormSection
from registrations.accesses import later_role_flows as flows
from registrations.accesses.my_accesses import find_held_access_row
from registrations.documents.intake import discard_on_failure, receive_first_files
from registrations.enrolment.base_form import EnrolmentForm, include_part
from registrations.enrolment.initial_answers import initial_from_account
from registrations.enrolment.submit_flows import RequestAlreadyOpen
from registrations.enrolment.views import CONFIRMATION_TAG, FILES_LATER, TERMS_CHANGED
from registrations.promise.response_times import recall_response_time
from registrations.requests.contacts import get_delegation_contact
from registrations.requests.signed_in_views import read_form_token

_KNOWN = ("company_name", "siret", "kind", "department")


class LaterRoleForm(EnrolmentForm):
    """The enrolment form without what the access says already."""

    refused_kinds = {}
    profile = forms.ChoiceField(
        label="Rôle demandé",
        widget=forms.RadioSelect(),
        error_messages={"required": "Choisissez le rôle."},
    )

    def __init__(self, data: Any = None, *, rules: Sequence[AdmissionRule], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name in _KNOWN:
            del self.fields[name]
        field = self.fields["profile"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [
            (rule.profile.code, f"{Role(rule.role).label} ({rule.profile.label})") for rule in rules
        ]
        field.initial = rules[0].profile.code if len(rules) == 1 else None
        chiefs = [rule.profile.code for rule in rules if Role(rule.role).is_administrator]
        self.offer_proof(rules[0].kind, chiefs, select="profile")

    def list_unasked_fields(self, kind: str | None) -> Iterable[str]:
        return ()

    @cached_property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(
            FormSection("Votre demande", "profile", *self.list_proof_parts()),
            FormSection("Vous", "last_name", "first_name", "phone"),
            FormSection(
                "Vos engagements",
                include_part("form_terms"),
                *(
                    Field(name, template="components/switch.html")
                    for name in ("accept_terms", "declaration")
                ),
                css_class="form-section switches",
            ),
        )
        return helper


@require_http_methods(["GET", "HEAD", "POST"])
def ask_later_role_view(request: HttpRequest, access_id: UUID) -> HttpResponse:
    now, user = timezone.now(), get_signed_in_user(request)
    access = find_held_access_row(user, access_id)
    rules = flows.list_later_rules(access) if access else []
    if access is None or not rules:
        raise Http404
    documents = find_request_documents([access.platform.code], now)
    if request.method == "POST":
        form = LaterRoleForm(request.POST, files=request.FILES, rules=rules)
        token = read_form_token(request.POST)
        if request.POST.get("terms", "") != documents.stamp:
            form.add_error("accept_terms", TERMS_CHANGED)
        if form.is_valid():
            said = {name: form.cleaned_data[name] for name in ("last_name", "first_name", "phone")}
            taken = receive_first_files(user, form.proof_files, now)
            try:
                with discard_on_failure(taken.received):
                    made = flows.ask_for_later_role(
                        user,
                        access_id,
                        profile=form.cleaned_data["profile"],
                        form_token=token,
                        files=taken.received,
                        now=now,
                        **said,
                    )
            except RequestAlreadyOpen as refused:
                messages.info(request, refused.message)
                return redirect("registrations:request_status", refused.reference)
            except Refused as refused:
                form.add_error(None, refused.message)
            else:
                for sentence in taken.refused:
                    messages.warning(request, f"{sentence} {FILES_LATER}")
                messages.success(request, made.reference, extra_tags=CONFIRMATION_TAG)
                return redirect("registrations:request_status", made.reference)
        form.ask_files_again()
    else:
        form = LaterRoleForm(rules=rules, initial=initial_from_account(user))
        token = uuid.uuid4()
    context = {
        "form": form,
        "access": access,
        "token": token,
        "person": user,
        "correcting": None,
        "terms": documents.stamp,
        "conditions": documents.conditions,
        "roles": build_roles_page(access.platform),
        "response_time": recall_response_time(now, access.establishment.department_id),
        "contact": get_delegation_contact(access.establishment.department.delegation),
    }
    return render(request, "registrations/accesses/later_role.html", context)
