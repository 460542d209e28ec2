"""The applicant's and the user's pages; the invented company directory only where the demo runs."""

from django.conf import settings
from django.urls import path

from mgestion.web import mailed_keys  # noqa: F401 - registers `mailed_key`
from registrations.accesses import views as accesses_views
from registrations.accesses.later_role_views import ask_later_role_view
from registrations.demo import directory as demo_directory
from registrations.enrolment import answer_views, moved_views, status_views
from registrations.enrolment import views as enrolment_views
from registrations.enrolment.establishment import establishment_views
from registrations.establishments import review_views
from registrations.establishments import views as establishments_views
from registrations.establishments.role_views import ask_role_view
from registrations.invitations import invited_views
from registrations.invitations import views as invitations_views
from registrations.promise.views import response_time_view
from registrations.receipts.views import receipt_view
from registrations.space import refused_access
from registrations.space import views as space_views

app_name = "registrations"
urlpatterns = [
    path("m-gestion/", space_views.landing_view, name="landing"),
    path("m-gestion/demande/", enrolment_views.new_request_view, name="request_new"),
    path(
        "m-gestion/demande/<str:reference>/", moved_views.moved_request_view, name="request_moved"
    ),
    path(
        "m-gestion/demande/<str:reference>/<path:rest>",
        moved_views.moved_request_view,
        name="request_moved_page",
    ),
    path(
        "demandes/<slug:code>/nouvelle/",
        enrolment_views.request_for_platform_view,
        name="request_for_platform",
    ),
    path(
        "demandes/etablissement/",
        establishment_views.establishment_search_view,
        name="establishment_search",
    ),
    path(
        "demandes/etablissement/reponse/",
        establishment_views.establishment_answer_view,
        name="establishment_answer",
    ),
    path("demandes/delai-de-reponse/", response_time_view, name="response_time"),
    path("demandes/<str:reference>/", status_views.request_status_view, name="request_status"),
    path(
        "demandes/<str:reference>/modifier/",
        enrolment_views.edit_request_view,
        name="request_edit",
    ),
    path(
        "demandes/<str:reference>/annuler/",
        status_views.cancel_request_view,
        name="request_cancel",
    ),
    path("demandes/<str:reference>/repondre/", answer_views.answer_view, name="request_answer"),
    path("demandes/<str:reference>/message/", answer_views.message_view, name="request_message"),
    path(
        "demandes/<str:reference>/messages-lus/",
        answer_views.messages_read_view,
        name="request_messages_read",
    ),
    path(
        "demandes/<str:reference>/document/<uuid:upload_id>/",
        answer_views.own_document_view,
        name="request_paper",
    ),
    path("demandes/<str:reference>/recepisse.pdf", receipt_view, name="request_receipt"),
    path("m-gestion/utilisateurs/", establishments_views.users_view, name="users"),
    path("m-gestion/utilisateurs/revue/", review_views.review_view, name="users_review"),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/desactiver/",
        establishments_views.deactivate_view,
        name="user_deactivate",
    ),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/role/",
        ask_role_view,
        name="user_role",
    ),
    path(
        "m-gestion/utilisateurs/<slug:key>/<uuid:public_id>/reactiver/",
        establishments_views.reactivate_view,
        name="user_reactivate",
    ),
    path("compte/acces/", accesses_views.my_accesses_view, name="my_accesses"),
    path(
        "compte/acces/plateforme/<uuid:access_id>/quitter/",
        accesses_views.leave_platform_view,
        name="leave_platform",
    ),
    path(
        "compte/acces/plateforme/<uuid:access_id>/role/",
        ask_later_role_view,
        name="ask_later_role",
    ),
    path(
        "compte/acces/etablissement/<slug:key>/quitter/",
        accesses_views.leave_establishment_view,
        name="leave_establishment",
    ),
    path(
        "m-gestion/utilisateurs/invitations/",
        invitations_views.invitations_view,
        name="invitations",
    ),
    path(
        "m-gestion/utilisateurs/invitations/nouvelle/", invitations_views.invite_view, name="invite"
    ),
    path(
        "m-gestion/utilisateurs/<slug:key>/invitations/<uuid:invitation_id>/renvoyer/",
        invitations_views.resend_view,
        name="invitation_resend",
    ),
    path(
        "m-gestion/utilisateurs/<slug:key>/invitations/<uuid:invitation_id>/retirer/",
        invitations_views.revoke_view,
        name="invitation_revoke",
    ),
    path("invitation/<mailed_key:key>/", invited_views.invitation_view, name="invitation"),
    path(
        "invitation/<mailed_key:key>/mot-de-passe/",
        invited_views.invitation_password_view,
        name="invitation_password",
    ),
    path("m-gestion/invitation/<uuid:invitation_id>/", invited_views.invited_view, name="invited"),
    path("services/", space_views.services_view, name="services"),
    path("services/acces/<slug:code>/", refused_access.access_refused_view, name="access_refused"),
    path("app/authenticate/<str:branche>", space_views.authenticate_view, name="authenticate"),
    path("aide/", space_views.help_view, name="help"),
]
if settings.EMBEDDED:
    urlpatterns.append(
        path(
            "annuaire-de-demonstration/",
            demo_directory.demo_directory_view,
            name="demo_directory",
        )
    )
