"""Forms posted after their session ended: kept over the login that follows.

Every form that carries its reader's key (`person`) is kept, whatever its fields, so that a new page
needs nothing of its own but `posted_or_kept`. A view whose form stands on another page names that
page by its attribute `form_page`, a function of the view's arguments.
"""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts.entry.limits import rate_limits
from accounts.entry.sessions import session_flows
from mgestion.web.kept_typing import PERSON, store_typing
from mgestion.web.middleware.client_ip import client_ip, network_key

_MOST: Final = 200_000  # characters of one form: the longest terms hold some 60,000
# An address to block is hashed and kept nowhere.
_NEVER: Final = frozenset({"admin:accounts_blockedperson_add"})
_NOT_TYPED: Final = frozenset({"csrfmiddlewaretoken", PERSON})
WAITING: Final = (
    "Rien n’a été envoyé. Votre saisie est gardée un quart d’heure\u00a0: connectez-vous pour la "
    "retrouver."
)


class KeptTypingMiddleware(MiddlewareMixin):
    """Stands after the session's limits and before the required login. Views that are open to
    visitors keep what they need themselves.
    """

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method != "POST" or not getattr(view, "login_required", True):
            return None
        if request.user.is_authenticated or not is_kept_form(request):
            return None
        now = timezone.now()
        network = network_key(client_ip(request))
        if rate_limits.count_event(f"typed:{network}", settings.LOGINS_PER_IP, now=now):
            return None
        if not keep_form(request, now):
            return None
        messages.info(request, WAITING)
        return redirect_to_login(get_form_page(request))


def is_kept_form(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.view_name not in _NEVER and PERSON in request.POST


def get_form_page(request: HttpRequest) -> str:
    match = request.resolver_match
    page = getattr(match.func, "form_page", None) if match is not None else None
    if page is None or match is None:
        return request.get_full_path()
    query = request.META.get("QUERY_STRING", "")
    return f"{page(**match.kwargs)}?{query}" if query else str(page(**match.kwargs))


def keep_form(request: HttpRequest, now: datetime) -> bool:
    """False when it is longer than any form of ours."""
    said = {name: list(each) for name, each in request.POST.lists() if name not in _NOT_TYPED}
    if sum(len(name) + sum(map(len, each)) for name, each in said.items()) > _MOST:
        return False
    match = request.resolver_match
    form = match.view_name if match is not None else ""
    store_typing(request, page=get_form_page(request), form=form, said=said, now=now)
    session_flows.keep_session_briefly(request)
    return True
