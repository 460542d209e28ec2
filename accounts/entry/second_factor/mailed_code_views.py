"""Before a first second factor: a code is mailed, and typed here (D73). A GET changes nothing."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry.login.adapter import SeeOther, circumstances
from accounts.entry.second_factor import mailed_code_flows
from accounts.entry.second_factor.forms import MailedCodeForm
from accounts.entry.second_factor.views import (
    confirmed_for,
    mailed_code_of,
    me,
    onward_of,
    send_code,
    to,
)
from accounts.entry.sign_up.views import page
from mgestion.errors import Refused


@never_cache
@sensitive_post_parameters("code")
@page
@confirmed_for("entry:factor_mailed_code")
def show_mailed_code(request: HttpRequest) -> HttpResponse:
    """A button that sends the code, then the field for it."""
    user, now = me(request), timezone.now()
    onward = onward_of(request) or reverse("entry:factor")
    if not mailed_code_flows.is_lacking(user, mailed_code_of(request), now):
        return SeeOther(onward)
    form = MailedCodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "code" not in request.POST:
        try:
            send_code(request, user, now)
        except Refused as refused:
            messages.warning(request, refused.message)
        return SeeOther(to("entry:factor_mailed_code", onward))
    if request.method == "POST" and form.is_valid():
        where = circumstances(request, user.email)
        typed = form.cleaned_data["code"]
        try:
            mailed_code_flows.check_code(user, mailed_code_of(request), typed, where=where, now=now)
        except Refused as refused:
            form.add_error("code", refused.message)
        else:
            return SeeOther(onward)
    context = {
        "form": form,
        "next": onward,
        "person": user,
        "sent": mailed_code_flows.find_open(user, mailed_code_of(request), now) is not None,
        "life_minutes": int(settings.MAILED_CODE_LIFE.total_seconds() // 60),
    }
    return render(request, "entry/second_factor/factor_mailed_code.html", context)
