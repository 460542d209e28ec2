"""Addresses of this room."""

from django.urls import include, path

from accounts.habilitations import views
from accounts.habilitations.api import routes

app_name = "habilitations"
urlpatterns = [
    path("roles/", views.roles, name="roles"),
    path("api/v1/", include((routes.urls(), "api"), namespace="api")),
]
