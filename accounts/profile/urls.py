"""Addresses of the account page."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from accounts.profile.account import views
from accounts.profile.closure.views import close_own_account_view, closing_view
from accounts.profile.export import views as export_views

app_name = "profile"
urlpatterns = [
    path("compte/", views.home_view, name="home"),
    path("compte/mes-donnees/", export_views.my_data_view, name="my_data"),
    path("compte/mes-donnees/copie/", export_views.ask_export_view, name="ask_export"),
    path(
        "compte/mes-donnees/copie/<uuid:export_id>/", export_views.show_export_view, name="export"
    ),
    path("compte/mes-donnees/demande/", export_views.ask_right_view, name="ask_right"),
    path("compte/fermeture/", close_own_account_view, name="close"),
    path("compte/fermeture/en-cours/", closing_view, name="closing"),
    path("compte/mot-de-passe/", views.change_password_view, name="change_password"),
    path(  # where password managers look
        ".well-known/change-password",
        login_not_required(RedirectView.as_view(pattern_name="profile:change_password")),
        name="change_password_well_known",
    ),
    path("compte/identite/", views.rectify_view, name="rectify"),
    path("compte/sessions/fermer/", views.end_sessions_view, name="end_sessions"),
    path("compte/sessions/<uuid:record_id>/fermer/", views.end_session_view, name="end_session"),
]
