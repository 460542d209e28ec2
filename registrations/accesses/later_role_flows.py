"""Whoever holds an access asks for a role that a platform gives later only (`WayIn.LATER`): the
Administrateur of a CFA or an OF. It is a request like any other; the desk decides it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import EstablishmentKind, WayIn
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from registrations.accesses.my_accesses import select_held_accesses
from registrations.documents.received_files import ReceivedFile
from registrations.enrolment.form_answers import RequestAnswers
from registrations.enrolment.submit_flows import submit_request
from registrations.requests.models import Request

NOT_OFFERED: Final = (
    "Ce rôle ne se demande pas ici, ou plus. Rien n’est enregistré\u00a0: adressez-vous à votre "
    "délégation."
)


def exists_later_role() -> Exists:
    """Of a queryset of accesses: whether another role may be asked for; no query of its own."""
    rules = AdmissionRule.objects.filter(
        way_in=WayIn.LATER, platform=OuterRef("platform"), kind=OuterRef("establishment__kind")
    )
    return Exists(rules.exclude(role=OuterRef("role")))


def list_later_rules(access: Access) -> list[AdmissionRule]:
    """The rules whose role may be asked for now; none for an access that is not open."""
    if access.ended_at is not None or not access.platform.enabled:
        return []
    rules = AdmissionRule.objects.filter(
        way_in=WayIn.LATER, platform=access.platform_id, kind=access.establishment.kind
    )
    found = rules.exclude(role=access.role).select_related("profile")
    return list(found.order_by("profile__position", "pk"))


def ask_for_later_role(
    user: User,
    public_id: UUID,
    *,
    profile: str,
    last_name: str,
    first_name: str,
    phone: str,
    form_token: UUID,
    files: Sequence[ReceivedFile] = (),
    now: datetime,
) -> Request:
    """A request for the same platform and establishment, with the profile of that code. Raises
    RequestAlreadyOpen, Refused, WrongState.
    """
    access = select_held_accesses(user).filter(public_id=public_id).first()
    if access is None or access.ended_at is not None:
        raise WrongState("no_access", "Cet accès n’est plus ouvert\u00a0: rien n’est enregistré.")
    rules = list_later_rules(access)
    rule = next((rule for rule in rules if rule.profile.code == profile), None)
    if rule is None:
        raise Refused("not_offered", NOT_OFFERED)
    place = access.establishment
    company = access.platform.code in MGESTION and place.kind == EstablishmentKind.ENTREPRISE
    if company and place.branch is None:
        raise Refused("not_offered", NOT_OFFERED)  # M-Gestion's form asks a company for its branch
    return submit_request(
        user=user,
        answers=RequestAnswers(
            platform=access.platform,
            last_name=last_name,
            first_name=first_name,
            phone=phone,
            company_name=place.name,
            siret=place.siret,
            kind=place.kind,
            department=place.department,
            branch=place.branch if company else None,
            profile=rule.profile,
        ),
        form_token=form_token,
        files=files,
        now=now,
    )
