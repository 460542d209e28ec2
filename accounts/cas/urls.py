"""Addresses of the connection space."""

from django.urls import path

from accounts.cas import home, views

app_name = "cas"
urlpatterns = [
    path("", home.home, name="home"),
    path("cas/login", views.login, name="login"),
    path("cas/logout", views.logout, name="logout"),
]
