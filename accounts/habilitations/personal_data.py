"""Accesses, activity and agents, as data about a person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.habilitations.accesses import change_feed
from accounts.habilitations.accesses.flows import NEW_ACCESS_MAIL
from accounts.habilitations.accesses.models import (
    FORGOTTEN_NAME,
    Access,
    AccessChange,
    Establishment,
    EstablishmentWord,
    PlatformActivity,
)
from accounts.habilitations.accesses.moving_flows import MOVED_AWAY_MAIL
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.staff.models import StaffMember
from accounts.personal_data import KEPT, KEPT_STAFF, describe_staff_acts
from mgestion.outbox.flows import FORGOTTEN_FIELDS
from mgestion.outbox.models import Mail
from mgestion.outbox.personal_data import KEPT as KEPT_MAILS
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    RetentionLine,
    delete_rows,
    describe_acts,
    format_retention,
    name_columns,
    select_rows,
)

KEPT_CHANGES = RetentionLine(
    92,
    "Changements d’accès transmis aux plateformes",
    lambda: (
        f"{format_retention('access_changes')}, sous un identifiant qui ne mène plus à personne "
        "une fois le compte supprimé"
    ),
    "Qu’une plateforme apprenne aussi une suppression",
)


def _select_accesses(people: DataSubjects) -> QuerySet[Access]:
    return Access.objects.filter(user__in=people.ids)


def _tell_and_delete(people: DataSubjects, now: datetime) -> int:
    """Each platform reads in its feed that the person is gone; then the accesses go."""
    change_feed.record_erased_people(dict(zip(people.ids, people.public_ids, strict=True)), now=now)
    return delete_rows(_select_accesses(people))


def list_readers_beside(people: DataSubjects) -> set[UUID]:
    """Those who have or had an access to the establishments of these people: the readers of mails
    that name them.
    """
    places = _select_accesses(people).values("establishment")
    beside = Access.objects.filter(establishment__in=places).exclude(user__in=people.ids)
    return set(beside.values_list("user__public_id", flat=True))


def select_mails_about_accesses(
    people: DataSubjects,
    kinds: Collection[str],
    *,
    readers: Collection[UUID],
    more: Q | None = None,
) -> QuerySet[Mail]:
    """Mails of these kinds to `readers` whose data name an access of these people, and those of
    `more`.

    The mails are found by person, which has an index; in two steps, since a planner that is given
    one begins with every mail.
    """
    if not readers:
        return Mail.objects.none()
    ids = list(_select_accesses(people).values_list("pk", flat=True))
    about = Q(kind__in=kinds, data__access__in=ids)
    return Mail.objects.filter(about if more is None else about | more, person__in=readers)


def _select_announcements(people: DataSubjects) -> QuerySet[Mail]:
    """Mails that told administrators that these people were let in, or moved elsewhere: they name
    them.
    """
    kinds = (NEW_ACCESS_MAIL, MOVED_AWAY_MAIL)
    return select_mails_about_accesses(people, kinds, readers=list_readers_beside(people))


def _forget_announcements(people: DataSubjects, now: datetime) -> int:
    """The mails are their readers': what they said is forgotten, that they were sent is not."""
    return _select_announcements(people).update(**FORGOTTEN_FIELDS)


def _select_staff_scope(field: str) -> Any:
    through: Any = getattr(StaffMember, field).through
    return lambda people: through.objects.filter(staffmember__user__in=people.ids)


def _select_establishments_alone_at(people: DataSubjects) -> QuerySet[Establishment]:
    """Establishments where nobody else has or had an access."""
    others = Access.objects.filter(establishment=OuterRef("pk")).exclude(user__in=people.ids)
    theirs = _select_accesses(people).values("establishment")
    return Establishment.objects.filter(~Exists(others), pk__in=theirs)


def _forget_names(people: DataSubjects, now: datetime) -> int:
    named = _select_establishments_alone_at(people).exclude(name=FORGOTTEN_NAME)
    EstablishmentWord.objects.filter(establishment__in=named.values("pk")).delete()
    return named.update(name=FORGOTTEN_NAME)


ENTRIES = {
    "habilitations.alone_at": PersonalData(
        title="Les établissements où vous êtes seul à avoir un accès",
        policy=ErasurePolicy.ANONYMISE,
        reason="The SIRET is public and stays; the name that was typed may be a sole trader's own.",
        kept=KEPT,
        rows=_select_establishments_alone_at,
        shown=("siret", "kind", "name"),
        stage=ErasureStage.THROUGH_OTHERS,
        erase=_forget_names,
    ),
    "habilitations.access": PersonalData(
        title="Vos accès aux plateformes",
        columns=(
            "habilitations.access.user",
            "habilitations.access.public_id",
            "habilitations.access.moved_from",  # of the same person
        ),
        reason="The account is one whole: deletion removes it and every access.",
        kept=KEPT,
        rows=lambda people: _select_accesses(people).select_related("platform", "establishment"),
        shown=(
            "platform",
            "establishment",
            "role",
            "dashboard",
            "granted_at",
            "grant_reason",
            "ended_at",
            "suspended_at",
            "suspension_reason",
        ),
        erase=_tell_and_delete,
    ),
    "habilitations.granted_by": describe_staff_acts(
        "Accès que vous avez accordés", Access, "granted_by", "granted_at"
    ),
    "habilitations.ended_by": describe_staff_acts(
        "Accès auxquels vous avez mis fin", Access, "ended_by", "ended_at"
    ),
    "habilitations.suspended_by": describe_staff_acts(
        "Accès que vous avez suspendus", Access, "suspended_by", "suspended_at"
    ),
    "habilitations.announcements": PersonalData(
        title="E-mails qui ont annoncé votre accès à un administrateur",
        policy=ErasurePolicy.ANONYMISE,
        reason="The mail is its reader's; what it says of the person is forgotten.",
        kept=KEPT_MAILS,
        rows=_select_announcements,
        shown=("created_at", "accepted_at"),
        stage=ErasureStage.THROUGH_OTHERS,
        erase=_forget_announcements,
    ),
    "habilitations.activity": PersonalData(
        title="Dernière activité par plateforme",
        columns=("habilitations.platformactivity.user",),
        reason="Goes with the account.",
        kept=KEPT,
        rows=select_rows(PlatformActivity, "user", "platform"),
        shown=(("Plateforme", lambda row: row.platform.name), "last_at"),
    ),
    "habilitations.changes": PersonalData(
        title="Changements d’accès transmis aux plateformes",
        columns=name_columns("habilitations.accesschange", "person", "access_public_id"),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason="A platform reads later that the person is gone: opaque ids and a date. The "
        "establishment and the role of each line are emptied with the account.",
        kept=KEPT_CHANGES,
        rows=lambda people: AccessChange.objects.filter(
            person__in=people.public_ids
        ).select_related("platform"),
        shown=(("Plateforme", lambda row: row.platform.name), "kind", "siret", "role", "at"),
    ),
    "habilitations.token_by": describe_acts(
        "Jetons d’API que vous avez créés",
        ApiToken,
        "created_by",
        "label",
        "created_at",
        reason="The token is a platform's; who made it stays an opaque id.",
        kept=KEPT_STAFF,
    ),
    "habilitations.staff": PersonalData(
        title="Votre rôle d’agent",
        columns=("habilitations.staffmember.user",),
        reason="Roles end with the account.",
        kept=KEPT,
        rows=lambda people: StaffMember.objects.filter(user__in=people.ids),
        shown=("role",),
    ),
    "habilitations.staff_delegations": PersonalData(
        title="Votre périmètre d’agent\u00a0: délégations",
        columns=("habilitations.staffmember_delegations.staffmember",),
        reason="Roles end with the account.",
        kept=KEPT,
        rows=_select_staff_scope("delegations"),
        shown=(("Délégation", lambda row: row.delegation.name),),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "habilitations.staff_dgas": PersonalData(
        title="Votre périmètre d’agent\u00a0: DGA",
        columns=("habilitations.staffmember_dgas.staffmember",),
        reason="Roles end with the account.",
        kept=KEPT,
        rows=_select_staff_scope("dgas"),
        shown=(("DGA", lambda row: row.dga.name),),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
}
