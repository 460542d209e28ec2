"""The account itself, and what refers to it in this package."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet

from accounts.leaving.block_list import hash_address_forms
from accounts.people.enums import DeactivationReason
from accounts.people.models import AccountWord, AllowedAddress, BlockedPerson, User
from mgestion.journal.models import Detail
from mgestion.journal.personal_data import KEPT_DETAIL
from mgestion.journal.words import get_act_label
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    RetentionLine,
    describe_acts,
    format_retention,
    name_columns,
    select_rows,
)

STAFF_ACTS = (
    "An agent's or an administrator's act on another person's row: an opaque id that leads to "
    "nobody any more."
)


def _account_period() -> str:
    rules = settings.LIFECYCLE_RULES
    return (
        f"Tant que le compte sert\u202f; après {rules['idle_months']}\u00a0mois sans activité, "
        f"désactivé puis supprimé, ce qui est annoncé {rules['notice_days']}\u00a0jours puis "
        f"{rules['grace_days']}\u00a0jours avant"
    )


KEPT = RetentionLine(
    10,
    "Compte et accès",
    _account_period,
    "Rendre le service, sans garder de compte oublié",
)
KEPT_PENDING = RetentionLine(
    30,
    "Inscription jamais terminée",
    lambda: format_retention("pending_accounts"),
    "Laisser le temps de créer le mot de passe",
)
KEPT_RULES = RetentionLine(
    80,
    "Adresse autorisée par un agent",
    lambda: (
        "Autant que le compte\u202f; "
        f"{format_retention('allowed_addresses')} si aucun compte n’est créé"
    ),
    "Accepter une adresse que les règles refuseraient",
)
KEPT_BLOCK = RetentionLine(
    90,
    "Empreinte d’une adresse bloquée",
    lambda: f"{format_retention('block_list')}, puis réexamen",
    "Refuser une nouvelle inscription après un manquement",
)
KEPT_STAFF = RetentionLine(
    95,
    "Auteur d’une décision sur le dossier d’un autre",
    lambda: "Autant que ce dossier, sous un identifiant qui ne mène plus à personne",
    "Savoir qui a décidé, tant que l’auteur a un compte",
)


describe_staff_acts = partial(describe_acts, reason=STAFF_ACTS, kept=KEPT_STAFF)


def accounts_of(people: DataSubjects) -> QuerySet[User]:
    return User.objects.filter(pk__in=people.ids)


def _allowed(people: DataSubjects) -> QuerySet[AllowedAddress]:
    """Whole addresses only: « @domain » is nobody's."""
    return AllowedAddress.objects.filter(pattern__in=people.addresses)


def _details_of_allowed(people: DataSubjects) -> QuerySet[Detail]:
    """Which address was let through, also once staff have taken it off the list."""
    return Detail.objects.filter(
        entry__object_type="allowed_address", data__pattern__in=people.addresses
    ).select_related("entry")


def _logged(people: DataSubjects) -> QuerySet[LogEntry]:
    """Django's own log of the administration: its lines name the objects they are about."""
    about = Q(
        content_type__app_label="accounts",
        content_type__model="user",
        object_id__in=[str(pk) for pk in people.ids],
    ) | Q(
        content_type__app_label="accounts",
        content_type__model="allowedaddress",
        object_repr__in=people.addresses,
    )
    return LogEntry.objects.filter(Q(user__in=people.ids) | about)


def _blocked(people: DataSubjects) -> QuerySet[BlockedPerson]:
    found = [digest for address in people.addresses for digest in hash_address_forms(address)]
    return BlockedPerson.objects.filter(digest__in=found)


_THROUGH: Any = User.groups.through
_PERMISSIONS: Any = User.user_permissions.through

ENTRIES = {
    "accounts.words": PersonalData(
        title="Les mots par lesquels nos équipes retrouvent votre compte",
        columns=name_columns("accounts.accountword", "user", "word"),
        reason="Made of the account's own names and address, and goes with it.",
        kept=KEPT,
        rows=select_rows(AccountWord, "user"),
        shown=("word",),
    ),
    "accounts.account": PersonalData(
        title="Votre compte",
        columns=name_columns(
            "accounts.user", "public_id", "email", "email_key", "last_name", "first_name", "phone"
        ),
        reason="The account is one whole: deletion removes it and every access.",
        kept=KEPT,
        rows=accounts_of,
        shown=(
            ("Identifiant", lambda user: user.public_id),
            "email",
            "last_name",
            "first_name",
            "phone",
            "status",
            "status_since",
            "revivable_until",
            "clock_from",
            "last_activity_at",
            ("Dernière connexion", lambda user: user.last_login_at),
            "is_staff",
            "created_at",
        ),
        stage=ErasureStage.ACCOUNT,
    ),
    "accounts.groups": PersonalData(
        title="Vos groupes d’agents",
        columns=("accounts.user_groups.user",),
        reason="Goes with the account.",
        kept=KEPT,
        rows=select_rows(_THROUGH, "user", "group"),
        shown=(("Groupe", lambda row: row.group.name),),
    ),
    "accounts.permissions": PersonalData(
        title="Vos droits d’agent propres",
        columns=("accounts.user_user_permissions.user",),
        reason="Goes with the account.",
        kept=KEPT,
        rows=select_rows(_PERMISSIONS, "user", "permission"),
        shown=(("Droit", lambda row: row.permission.codename),),
    ),
    "accounts.allowed_address": PersonalData(
        title="Votre adresse, autorisée par un agent",
        columns=("accounts.allowedaddress.pattern",),
        reason="An address in clear. A domain is nobody's and stays.",
        kept=KEPT_RULES,
        rows=_allowed,
        shown=("pattern", "reason", "added_at"),
    ),
    "accounts.allowed_address_details": PersonalData(
        title="Journal\u00a0: l’autorisation de votre adresse",
        reason="An address in clear in the journal's detail, that names no person.",
        kept=KEPT_DETAIL,
        rows=_details_of_allowed,
        shown=(
            ("Le", lambda detail: detail.entry.at),
            ("Acte", lambda detail: get_act_label(detail.entry.act)),
            ("Adresse", lambda detail: detail.data.get("pattern")),
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "accounts.allowed_by": describe_staff_acts(
        "Adresses que vous avez autorisées", AllowedAddress, "added_by", "added_at"
    ),
    "accounts.blocked": PersonalData(
        title="Blocage de votre adresse",
        columns=("accounts.blockedperson.digest",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason="A keyed hash keeps the ban after the account.",
        kept=KEPT_BLOCK,
        rows=_blocked,
        shown=(
            "blocked_at",
            ("Motif", lambda row: dict(DeactivationReason.choices).get(row.reason, row.reason)),
        ),
    ),
    "accounts.blocked_by": describe_staff_acts(
        "Personnes que vous avez bloquées", BlockedPerson, "blocked_by", "blocked_at"
    ),
    "accounts.block_reviewed_by": describe_staff_acts(
        "Blocages que vous avez maintenus", BlockedPerson, "reviewed_by", "reviewed_at"
    ),
    "accounts.admin_log": PersonalData(
        title="Actions dans l’administration",
        columns=name_columns("admin.logentry", "user", "object_repr"),
        reason="Django's log names objects in clear; what must be proven stands in the journal.",
        kept=KEPT,
        rows=_logged,
        shown=(
            ("Le", lambda line: line.action_time),
            ("Objet", lambda line: line.content_type.name if line.content_type else ""),
        ),
    ),
}
