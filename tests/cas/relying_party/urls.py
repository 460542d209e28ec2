from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django_cas_ng import views


def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@login_required(login_url="/login/")
def home(request: HttpRequest) -> JsonResponse:
    user: Any = request.user
    return JsonResponse(
        {
            "user": user.get_username(),
            "email": user.email,
            "attributes": request.session["attributes"],
        }
    )


urlpatterns = [
    path("", home),
    path("alive", alive),
    path("login/", views.LoginView.as_view(), name="cas_ng_login"),
    path("logout/", views.LogoutView.as_view(), name="cas_ng_logout"),
]
