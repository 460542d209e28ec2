"""The addresses of `benchmarks.stock_allauth`."""

from django.urls import include, path

urlpatterns = [path("accounts/", include("allauth.urls"))]
