"""Platforms, establishments, accesses, agents and tables among the staff pages."""

from django.db.models import Model, Q

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.platforms.models import AdmissionRule, Platform, RoleText
from accounts.habilitations.reference.models import (
    Branch,
    BranchProposal,
    Delegation,
    Department,
    Dga,
    Profile,
)
from accounts.habilitations.staff.models import StaffMember
from mgestion.admin.related_rows import RelatedRows
from mgestion.admin.row_kinds import RowKind
from mgestion.templatetags.portal import siret
from mgestion.text.search_words import strip_separators

_TABLES: tuple[type[Model], ...] = (
    *(AdmissionRule, Branch, BranchProposal, Delegation, Department, Dga, Profile, RoleText),
)


def match_full_siret(text: str) -> Q | None:
    """The condition for 14 digits, however they are grouped; None for any other text."""
    digits = strip_separators(text)
    return Q(siret=digits) if len(digits) == 14 and digits.isascii() and digits.isdigit() else None


def _describe_access(access: Access) -> str:
    state = "ouvert"
    if access.suspended_at is not None:
        state = "suspendu"
    elif access.ended_at is not None:
        state = "terminé"
    place = access.establishment
    return f"{access.user}, {place.name} ({siret(place.siret)}), {state}"


KINDS = {
    "establishment": RowKind(
        model=Establishment,
        title="Établissements",
        name=lambda place: place.name,
        facts=lambda place: f"{siret(place.siret)}, {place.get_kind_display()}",
        order=("name", "pk"),
        place=30,
        searched=True,
        exact=match_full_siret,
    ),
    "access": RowKind(
        model=Access,
        title="Accès",
        facts=_describe_access,
        select_related=("user", "platform", "establishment"),
        order=("-granted_at", "-pk"),
        place=40,
        searched=True,
    ),
    "platform": RowKind(model=Platform, title="Plateformes", keys=("pk", "code"), order=("name",)),
    "token": RowKind(model=ApiToken, title="Jetons d’API", select_related=("platform",)),
    "staff": RowKind(model=StaffMember, title="Agent", select_related=("user",)),
    **{
        model._meta.model_name or "": RowKind(
            model=model, title=str(model._meta.verbose_name_plural).capitalize()
        )
        for model in _TABLES
    },
}
RELATIONS = (
    RelatedRows(of="account", kind="access", where=lambda user: Q(user=user)),
    RelatedRows(of="account", kind="staff", where=lambda user: Q(user=user)),
    RelatedRows(of="establishment", kind="access", where=lambda place: Q(establishment=place)),
    RelatedRows(
        of="access", kind="account", title="Compte", where=lambda access: Q(pk=access.user_id)
    ),
    RelatedRows(
        of="access",
        kind="establishment",
        title="Établissement",
        where=lambda access: Q(pk=access.establishment_id),
    ),
    RelatedRows(
        of="staff", kind="account", title="Compte", where=lambda member: Q(pk=member.user_id)
    ),
    RelatedRows(of="platform", kind="token", where=lambda platform: Q(platform=platform)),
)
