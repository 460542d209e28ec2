"""URLs for monitoring."""

from django.urls import path

from mgestion.jobs import views

app_name = "jobs"
urlpatterns = [
    path("healthz", views.show_health, name="healthz"),
    path("readyz", views.show_readiness, name="readyz"),
    path("metrics", views.show_metrics, name="metrics"),
]
