"""Addresses of the connection space."""

from django.conf import settings
from django.urls import path

from accounts.cas import demo_platform
from accounts.cas.endpoints import home_view, validation, views

app_name = "cas"
urlpatterns = [
    path("", home_view.home, name="home"),
    path("cas/login", views.login, name="login"),
    path("cas/confirm", views.confirm, name="confirm"),
    path("cas/logout", views.logout, name="logout"),
    path("cas/validate", validation.validate, name="validate"),
    path("cas/serviceValidate", validation.service_validate, name="service_validate"),
    path("cas/proxyValidate", validation.proxy_validate, name="proxy_validate"),
    path("cas/p3/serviceValidate", validation.p3_service_validate, name="p3_service_validate"),
    path("cas/p3/proxyValidate", validation.p3_proxy_validate, name="p3_proxy_validate"),
    path("cas/proxy", validation.proxy, name="proxy"),
]
if settings.EMBEDDED:
    urlpatterns.append(path("demo/plateforme/", demo_platform.page, name="demo_platform"))
