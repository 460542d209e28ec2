"""Addresses of the connection space."""

from django.urls import path

from accounts.cas.endpoints import home_view, validation, views

app_name = "cas"
urlpatterns = [
    path("", home_view.home_view, name="home"),
    path("cas/login", views.login_view, name="login"),
    path("cas/confirm", views.confirm_view, name="confirm"),
    path("cas/logout", views.logout_view, name="logout"),
    path("cas/validate", validation.validate_view, name="validate"),
    path("cas/serviceValidate", validation.service_validate_view, name="service_validate"),
    path("cas/proxyValidate", validation.proxy_validate_view, name="proxy_validate"),
    path("cas/p3/serviceValidate", validation.p3_service_validate_view, name="p3_service_validate"),
    path("cas/p3/proxyValidate", validation.p3_proxy_validate_view, name="p3_proxy_validate"),
    path("cas/proxy", validation.proxy_view, name="proxy"),
]
