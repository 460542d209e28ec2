"""Where providers tell of returned mails; the demo's mailbox, which production does not have."""

from django.conf import settings
from django.urls import URLPattern, path

from mgestion.outbox import views
from mgestion.outbox.bounces.views import receive_bounces

app_name = "outbox"
urlpatterns: list[URLPattern] = [path("retours/courriel/", receive_bounces, name="bounces")]
if settings.EMBEDDED:
    urlpatterns += [
        path("courriels/", views.mailbox_view, name="mailbox"),
        path("courriels/<uuid:mail_id>/", views.mail_view, name="mail"),
        path("courriels/<uuid:mail_id>/html/", views.mail_html_view, name="mail_html"),
    ]
