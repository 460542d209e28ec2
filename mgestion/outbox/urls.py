"""The demo's mailbox. In production these addresses don't exist."""

from django.conf import settings
from django.urls import URLPattern, path

from mgestion.outbox import views

app_name = "outbox"
urlpatterns: list[URLPattern] = []
if settings.EMBEDDED:
    urlpatterns = [
        path("courriels/", views.mailbox_view, name="mailbox"),
        path("courriels/<uuid:mail_id>/", views.mail_view, name="mail"),
        path("courriels/<uuid:mail_id>/html/", views.mail_html_view, name="mail_html"),
    ]
