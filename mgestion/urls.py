"""The root URLconf. Applications are named by string."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from mgestion.web import well_known

admin.autodiscover()
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.cas.urls")),
    path("", include("accounts.entry.urls")),
    path("", include("accounts.legal.urls")),
    path("", include("accounts.profile.urls")),
    path("", include("accounts.habilitations.urls")),
    path("", include("registrations.urls")),
    path("", include("mgestion.jobs.urls")),
    path("", include("mgestion.outbox.urls")),
    path("robots.txt", well_known.show_robots, name="robots"),
    path(".well-known/security.txt", well_known.show_security_contact, name="security_txt"),
    path("admin/", admin.site.urls),
]
handler400 = "mgestion.web.errors.bad_request"
handler403 = "mgestion.web.errors.permission_denied"
handler404 = "mgestion.web.errors.not_found"
handler500 = "mgestion.web.errors.server_error"
