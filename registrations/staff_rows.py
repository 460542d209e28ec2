"""Requests, invitations and access reviews among the staff pages."""

from django.db.models import Q

from accounts.habilitations.staff_rows import match_full_siret
from mgestion.admin.related_rows import RelatedRows
from mgestion.admin.row_kinds import RowKind
from mgestion.templatetags.portal import siret
from mgestion.text.dates import numeric_moment
from registrations.establishments.models import AccessReview
from registrations.invitations.models import Invitation
from registrations.requests.document_models import AskingTemplate
from registrations.requests.models import RefusalReason, Request
from registrations.search.lookups import match_full_reference


def _match_full_request_key(text: str) -> Q | None:
    return match_full_reference(text) or match_full_siret(text)


def _describe_request(item: Request) -> str:
    return (
        f"{item.full_name}, {item.company_name} ({siret(item.siret)}), "
        f"{item.get_status_display()}, {numeric_moment(item.submitted_at)}"
    )


KINDS = {
    "request": RowKind(
        model=Request,
        title="Demandes d’accès",
        keys=("id",),
        name=lambda item: item.reference,
        facts=_describe_request,
        order=("-submitted_at", "pk"),
        whole_list=(("statut", "toutes"),),
        place=10,
        searched=True,
        exact=_match_full_request_key,
    ),
    "invitation": RowKind(
        model=Invitation,
        title="Invitations",
        keys=("id",),
        facts=lambda row: f"{row.email}, {row.establishment.name}",
        select_related=("establishment", "platform"),
        order=("-invited_at", "id"),
        place=50,
        searched=True,
    ),
    "access_review": RowKind(
        model=AccessReview,
        title="Vérifications des accès",
        name=lambda row: f"Ouverte le {numeric_moment(row.opened_at)}",
        facts=lambda row: row.establishment.name,
        select_related=("establishment",),
        order=("-opened_at", "pk"),
    ),
    "refusalreason": RowKind(model=RefusalReason, title="Motifs de refus"),
    "askingtemplate": RowKind(model=AskingTemplate, title="Modèles de demande de document"),
}
RELATIONS = (
    RelatedRows(of="account", kind="request", where=lambda user: Q(user=user)),
    RelatedRows(
        of="account",
        kind="invitation",
        title="Invitations envoyées ou reçues",
        where=lambda user: Q(invited_by=user) | Q(email_key=user.email_key),
    ),
    RelatedRows(
        of="establishment",
        kind="request",
        where=lambda place: Q(siret=place.siret, kind=place.kind),
    ),
    RelatedRows(of="establishment", kind="invitation", where=lambda place: Q(establishment=place)),
    RelatedRows(
        of="establishment", kind="access_review", where=lambda place: Q(establishment=place)
    ),
    RelatedRows(
        of="access",
        kind="request",
        where=lambda access: Q(
            user=access.user_id,
            siret=access.establishment.siret,
            kind=access.establishment.kind,
            platform=access.platform_id,
        ),
    ),
    RelatedRows(
        of="request", kind="account", title="Compte", where=lambda item: Q(pk=item.user_id)
    ),
    RelatedRows(
        of="request",
        kind="establishment",
        title="Établissement",
        where=lambda item: Q(siret=item.siret, kind=item.kind),
    ),
    RelatedRows(
        of="request",
        kind="access",
        title="Accès de la personne dans cet établissement",
        where=lambda item: Q(
            user=item.user_id, establishment__siret=item.siret, establishment__kind=item.kind
        ),
    ),
    RelatedRows(
        of="request",
        kind="invitation",
        title="Invitation",
        where=lambda item: Q(pk=item.invitation_id),
    ),
    RelatedRows(
        of="request",
        kind="mail",
        where=lambda item: Q(person=item.user.public_id, subject_id=item.pk),
    ),
    RelatedRows(of="invitation", kind="request", where=lambda invitation: Q(invitation=invitation)),
    RelatedRows(
        of="invitation",
        kind="establishment",
        title="Établissement",
        where=lambda invitation: Q(pk=invitation.establishment_id),
    ),
    RelatedRows(
        of="invitation",
        kind="account",
        title="Comptes de la personne invitée et de qui invite",
        where=lambda invitation: Q(pk=invitation.invited_by_id) | Q(email_key=invitation.email_key),
    ),
    RelatedRows(
        of="access_review",
        kind="establishment",
        title="Établissement",
        where=lambda review: Q(pk=review.establishment_id),
    ),
)
