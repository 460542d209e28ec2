"""Addresses of this room."""

from django.urls import path

from accounts.habilitations import views

app_name = "habilitations"
urlpatterns = [
    path("roles/", views.roles, name="roles"),
]
