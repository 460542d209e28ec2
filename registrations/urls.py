"""The applicant's and the user's pages of M-Gestion."""

from django.urls import path

from registrations.enrolment import answer_views, status_views
from registrations.enrolment import views as enrolment_views
from registrations.establishments import review_views
from registrations.establishments import views as establishments_views
from registrations.establishments.role_views import ask_role
from registrations.space import help_views, refused_access
from registrations.space import views as space_views

app_name = "registrations"
urlpatterns = [
    path("m-gestion/", space_views.landing, name="landing"),
    path("m-gestion/demande/", enrolment_views.new, name="request_new"),
    path("m-gestion/demande/<str:reference>/", status_views.show, name="request_status"),
    path("m-gestion/demande/<str:reference>/modifier/", enrolment_views.edit, name="request_edit"),
    path("m-gestion/demande/<str:reference>/annuler/", status_views.cancel, name="request_cancel"),
    path("m-gestion/demande/<str:reference>/repondre/", answer_views.answer, name="request_answer"),
    path(
        "m-gestion/demande/<str:reference>/document/<uuid:upload_id>/",
        answer_views.paper,
        name="request_paper",
    ),
    path("m-gestion/utilisateurs/", establishments_views.users, name="users"),
    path("m-gestion/utilisateurs/revue/", review_views.review, name="users_review"),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/desactiver/",
        establishments_views.deactivate,
        name="user_deactivate",
    ),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/role/",
        ask_role,
        name="user_role",
    ),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/reactiver/",
        establishments_views.reactivate,
        name="user_reactivate",
    ),
    path("services/", space_views.services, name="services"),
    path("services/acces/<slug:code>/", refused_access.access_refused, name="access_refused"),
    path("app/authenticate/<str:branche>", space_views.authenticate, name="authenticate"),
    path("aide/", help_views.page, name="help"),
]
