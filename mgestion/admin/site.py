"""The admin site, behind the portal's login page."""

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
from django.urls import path, reverse
from django.utils.http import urlencode

from mgestion.admin.search_page import search_view
from mgestion.admin.titles import NOTHING
from mgestion.text.search_words import strip_accents
from mgestion.web.safe_redirect import local_path

# Library tables without admin pages: editing them would bypass the portal's flows.
CLOSED_MODELS: Final = frozenset({"auth.group", "account.emailaddress", "mfa.authenticator"})


class PortalAdminSite(AdminSite):
    """Uses the portal's pages for login, logout and password change."""

    # Django's sidebar stores its state in the browser without expiry, which R127 forbids.
    enable_nav_sidebar = False

    site_title = "Espace OPCO Mobilités"
    site_header = "Espace de connexion – agents"
    index_title = "Accueil des agents"
    site_url = "/services/"
    empty_value_display = NOTHING

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        several = isinstance(model_or_iterable, Iterable)
        models = model_or_iterable if several else [model_or_iterable]
        ours = [model for model in models if model._meta.label_lower not in CLOSED_MODELS]
        if ours:
            super().register(ours, *args, **options)

    def check(self, app_configs: Any) -> list[CheckMessage]:
        autodiscover()  # the checks may run before the URLs are loaded
        found: list[CheckMessage] = super().check(app_configs)
        return found

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Django's, without the list of all models, which only its sidebar shows, and without its
        log, which is empty here.
        """
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": self.site_url,
            "has_permission": self.has_permission(request),
            "is_popup": False,
            "is_nav_sidebar_enabled": self.enable_nav_sidebar,
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Sorts without regard to accents: « Établissements » before « Jetons »."""
        found: list[Any] = super().get_app_list(request, app_label)
        for app in found:
            app["models"].sort(key=lambda model: strip_accents(str(model["name"]).casefold()))
        return sorted(found, key=lambda app: strip_accents(str(app["name"]).casefold()))

    def get_urls(self) -> list[Any]:
        """Without « view on site »: no model has a public page."""
        search = path("recherche/", self.admin_view(search_view), name="search")
        kept = [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]
        return [search, *kept]

    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirects to the portal's login page; 403 for people without the right."""
        target = local_path(request.GET.get(REDIRECT_FIELD_NAME, "")) or reverse("admin:index")
        if request.user.is_authenticated:
            if self.has_permission(request):
                return redirect(target)
            raise PermissionDenied
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({REDIRECT_FIELD_NAME: target})}")

    def logout(  # type: ignore[override]  # stubs know of the page only, not of a redirect
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirects to the portal's logout; 307 keeps the POST and its CSRF token."""
        return HttpResponseRedirect(reverse(settings.LOGOUT_URL_NAME), preserve_request=True)

    def password_change(  # type: ignore[override]  # as above
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirects to the portal's page for a new password."""
        return redirect(settings.RESET_URL_NAME)


class PortalAdminConfig(SimpleAdminConfig):
    """Loads the admin modules with the URLs, not in commands and workers."""

    default_site = "mgestion.admin.site.PortalAdminSite"
