"""The staff's site: Django's admin under the portal's own login page."""

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.contrib.admin import AdminSite, autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.core.checks import CheckMessage
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from mgestion.admin.titles import NOTHING
from mgestion.text.search_words import strip_accents
from mgestion.web.safe_redirect import local_path

# Tables of libraries that no role may touch: their pages would be ways round our verbs.
CLOSED: Final = frozenset({"auth.group", "account.emailaddress", "mfa.authenticator"})


class PortalAdminSite(AdminSite):
    """One login page for everybody, staff included; no second way in, no second way out."""

    # Django's sidebar keeps its state in the browser without end: nothing of ours may (R127).
    enable_nav_sidebar = False

    site_title = "Espace OPCO Mobilités"
    site_header = "Espace de connexion – agents"
    index_title = "Accueil des agents"
    site_url = "/services/"
    empty_value_display = NOTHING

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        several = isinstance(model_or_iterable, Iterable)
        models = model_or_iterable if several else [model_or_iterable]
        ours = [model for model in models if model._meta.label_lower not in CLOSED]
        if ours:
            super().register(ours, *args, **options)

    def check(self, app_configs: Any) -> list[CheckMessage]:
        autodiscover()  # the checks may run before the addresses are read
        found: list[CheckMessage] = super().check(app_configs)
        return found

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """As a dictionary sorts: « Établissements » before « Jetons »."""
        rooms: list[Any] = super().get_app_list(request, app_label)
        for room in rooms:
            room["models"].sort(key=lambda model: strip_accents(str(model["name"]).casefold()))
        return sorted(rooms, key=lambda room: strip_accents(str(room["name"]).casefold()))

    def get_urls(self) -> list[Any]:
        """Without « view on site »: no model has a page there, and a UUID fails it."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    @method_decorator(never_cache)
    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """To the portal's login page; a person without the right is told so, not sent round."""
        target = local_path(request.GET.get(REDIRECT_FIELD_NAME, "")) or reverse("admin:index")
        if request.user.is_authenticated:
            if self.has_permission(request):
                return redirect(target)
            raise PermissionDenied
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({REDIRECT_FIELD_NAME: target})}")

    def logout(  # type: ignore[override]  # stubs know of the page only, not of a redirect
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The portal's logout, which journals; 307 keeps the POST and its CSRF token."""
        return HttpResponseRedirect(reverse(settings.LOGOUT_URL_NAME), preserve_request=True)

    def password_change(  # type: ignore[override]  # as above
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A password changes where its rules and its mail are."""
        return redirect(settings.RESET_URL_NAME)


class PortalAdminConfig(SimpleAdminConfig):
    """The pages are found with the addresses that lead to them (`mgestion.urls`): no command and no
    worker carries what only the administration shows.
    """

    default_site = "mgestion.admin.site.PortalAdminSite"
