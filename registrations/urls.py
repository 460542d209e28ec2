"""The applicant's and the user's pages of M-Gestion."""

from django.urls import path

from registrations.views import answer, form, help, refusal, review, space, status, users
from registrations.views.roles import ask_role

app_name = "registrations"
urlpatterns = [
    path("m-gestion/", space.landing, name="landing"),
    path("m-gestion/demande/", form.new, name="request_new"),
    path("m-gestion/demande/<str:reference>/", status.show, name="request_status"),
    path("m-gestion/demande/<str:reference>/modifier/", form.edit, name="request_edit"),
    path("m-gestion/demande/<str:reference>/annuler/", status.cancel, name="request_cancel"),
    path("m-gestion/demande/<str:reference>/repondre/", answer.answer, name="request_answer"),
    path(
        "m-gestion/demande/<str:reference>/document/<uuid:upload_id>/",
        answer.paper,
        name="request_paper",
    ),
    path("m-gestion/utilisateurs/", users.users, name="users"),
    path("m-gestion/utilisateurs/revue/", review.review, name="users_review"),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/desactiver/",
        users.deactivate,
        name="user_deactivate",
    ),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/role/",
        ask_role,
        name="user_role",
    ),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/reactiver/",
        users.reactivate,
        name="user_reactivate",
    ),
    path("services/", space.services, name="services"),
    path("services/acces/<slug:code>/", refusal.access_refused, name="access_refused"),
    path("app/authenticate/<str:branche>", space.authenticate, name="authenticate"),
    path("aide/", help.page, name="help"),
]
