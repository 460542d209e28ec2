"""Addresses of the account page."""

from django.urls import path

from accounts.profile import views

app_name = "profile"
urlpatterns = [
    path("compte/", views.home, name="home"),
    path("compte/mot-de-passe/", views.change_password, name="change_password"),
    path("compte/sessions/fermer/", views.end_sessions, name="end_sessions"),
]
