"""The file of an access that no request opened: made when a document is asked about it.

An access that an agent granted directly has nothing that a document could be attached to. Its file
is an approved request of origin `staff`, so that reminder, answer, prolongation, review and
suspension are those of every request.
"""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import find_establishment_dga
from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.habilitations.reference.models import Profile
from accounts.people.models import User
from mgestion.errors import WrongState
from registrations.documents.flows import ask_for_documents
from registrations.enrolment.submit_flows import insert_request
from registrations.requests.document_models import Asking
from registrations.requests.enums import RequestAct, RequestOrigin, RequestStatus
from registrations.requests.models import Request
from registrations.requests.querysets import select_requests_behind_access
from registrations.requests.request_history import write_request_event
from registrations.requests.review.review_rules import build_name_key
from registrations.search.search_words import index_request


def find_access_file(access: Access) -> Request | None:
    """The request that opened `access`, or its file, where documents are asked and received."""
    return select_requests_behind_access(access.user, access).first()


def build_access_file(access: Access) -> Request:
    """The file of `access`, unsaved, filled from the account and the establishment. It has the
    dates of the access, for it is that decision which the document is about.
    """
    person, place = access.user, access.establishment
    profile = _find_profile(access)
    # The answers of M-Gestion's form, where they are all known.
    company = place.kind == EstablishmentKind.ENTREPRISE and place.branch and profile
    training = place.kind in (EstablishmentKind.CFA, EstablishmentKind.OF)
    mgestion = bool(access.platform.code in MGESTION and access.dashboard and (company or training))
    return Request(
        user=person,
        platform=access.platform,
        origin=RequestOrigin.STAFF,
        last_name=person.last_name,
        first_name=person.first_name,
        phone=person.phone,
        company_name=place.name,
        siret=place.siret,
        kind=place.kind,
        department=place.department,
        branch=place.branch if mgestion and company else None,
        profile=profile,
        asked_role=access.role,
        # Whoever may act on the access may act on its file: `in_staff_scope`.
        delegation=place.department.delegation,
        dga=find_establishment_dga(place.kind, place.branch),
        dashboard=access.dashboard if mgestion else "",
        status=RequestStatus.APPROVED,
        submitted_at=access.granted_at,
        due_at=access.granted_at + settings.REVIEW_DUE,
        decided_at=access.granted_at,
        decided_by=access.granted_by,
        granted_role=access.role,
        establishment=place,
        email_key=person.email_key,
        name_key=build_name_key(person.last_name, person.first_name),
    )


@transaction.atomic
def ask_about_access(
    access_id: int,
    *,
    message: str,
    documents: str = "",
    last_day: date | None = None,
    reference: str = "",
    actor_user: User,
    now: datetime,
) -> Asking:
    """Ask for a document about an access that has no request behind it, and open its file.
    Scope and role are checked as for every asking. `reference`: the one that the agent was shown.
    Raises Refused, WrongState.
    """
    owner_id = Access.objects.values_list("user_id", flat=True).get(pk=access_id)
    person = User.objects.select_for_update(no_key=True).get(pk=owner_id)
    access = (
        Access.objects.open_or_suspended()
        .select_related(
            "platform", "establishment__department__delegation", "establishment__branch__dga"
        )
        .filter(pk=access_id)
        .first()
    )
    if access is None:
        raise WrongState("no_access", "Cet accès est terminé\u00a0: rien n’est à justifier.")
    access.user = person
    known = find_access_file(access)
    if known is not None:
        raise WrongState(
            "filed",
            f"Cet accès a déjà un dossier, {known.reference}\u00a0: demandez-y le document.",
        )
    file = build_access_file(access)
    insert_request(file, reference)
    index_request(file)
    write_request_event(
        file,
        RequestAct.FILED,
        agent=actor_user,
        now=now,
        text=f"Rôle\u00a0: {access.get_role_display()}.",
    )
    return ask_for_documents(
        file.pk,
        version=file.version,
        message=message,
        documents=documents,
        last_day=last_day,
        actor_user=actor_user,
        now=now,
    )


def _find_profile(access: Access) -> Profile | None:
    """The profile that gives the role there; None for a role that no rule gives."""
    rules = AdmissionRule.objects.filter(
        platform=access.platform, kind=access.establishment.kind, role=access.role
    )
    rule = rules.select_related("profile").order_by("profile__position").first()
    return rule.profile if rule else None
