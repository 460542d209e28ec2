"""URLs of this application."""

from django.urls import include, path

from accounts.habilitations import views
from accounts.habilitations.api import routes

app_name = "habilitations"
urlpatterns = [
    path("roles/", views.roles_view, name="roles"),
    path("api/v1/", include((routes.build_api_urls(), "api"), namespace="api")),
]
