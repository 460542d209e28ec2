"""Before a first second factor: a code is mailed, and typed here. A GET changes nothing."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry.login.adapter import SeeOther, get_circumstances
from accounts.entry.login.pages import get_or_post_only
from accounts.entry.second_factor import mailed_code_flows
from accounts.entry.second_factor.forms import MailedCodeForm
from accounts.entry.second_factor.views import (
    build_url_with_next,
    get_mailed_code_id,
    get_next_path,
    require_confirmation,
    send_session_code,
)
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.outbox.bounces.flows import find_last_return


@sensitive_post_parameters("code")
@get_or_post_only
@require_confirmation("entry:factor_mailed_code")
def mailed_code_view(request: HttpRequest) -> HttpResponse:
    """A button that sends the code, then the field for it."""
    user, now = get_signed_in_user(request), timezone.now()
    onward = get_next_path(request) or reverse("entry:factor")
    returned = find_last_return(user.public_id)
    lacking = mailed_code_flows.is_mailed_code_lacking(user, get_mailed_code_id(request), now)
    if not lacking and returned is None:
        return SeeOther(onward)
    form = MailedCodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "code" not in request.POST:
        try:
            send_session_code(request, user, now)
        except Refused as refused:
            messages.warning(request, refused.message)
        return SeeOther(build_url_with_next("entry:factor_mailed_code", onward))
    if request.method == "POST" and form.is_valid():
        where = get_circumstances(request, user.email)
        typed = form.cleaned_data["code"]
        try:
            mailed_code_flows.check_mailed_code(
                user, get_mailed_code_id(request), typed, where=where, now=now
            )
        except Refused as refused:
            form.add_error("code", refused.message)
        else:
            if returned is not None:
                messages.success(request, f"Votre adresse {user.email} est confirmée.")
            return SeeOther(onward)
    context = {
        "returned": returned,
        "form": form,
        "next": onward,
        "person": user,
        "sent": mailed_code_flows.find_open_code(user, get_mailed_code_id(request), now)
        is not None,
        "life_minutes": int(settings.MAILED_CODE_LIFE.total_seconds() // 60),
    }
    return render(request, "entry/second_factor/factor_mailed_code.html", context)
