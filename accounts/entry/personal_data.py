"""Sign-ups, links, sessions and counters, as data about a person."""

import json
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Q, QuerySet

from accounts.entry.limits.rate_limits import hash_address_with_all_keys
from accounts.entry.models import (
    EntryLink,
    FailureCounter,
    PostedRequest,
    RateCounter,
    SessionRecord,
    SetAsideFactor,
)
from accounts.personal_data import KEPT, KEPT_PENDING
from mgestion.journal.models import Detail
from mgestion.journal.personal_data import KEPT_DETAIL
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    RetentionLine,
    format_retention,
    name_columns,
)

KEPT_ENTRY = RetentionLine(
    20,
    "Connexions, sessions et liens envoyés",
    lambda: f"{format_retention('journal')}, et jamais plus que le compte",
    "Protéger le compte et vous montrer où il est ouvert",
)


def _list_address_hashes(people: DataSubjects) -> list[str]:
    return [
        reference
        for address in people.addresses
        for reference in hash_address_with_all_keys(address)
    ]


def _select_sessions(people: DataSubjects) -> QuerySet[SessionRecord]:
    return SessionRecord.objects.filter(user__in=people.ids)


def _select_stored_sessions(people: DataSubjects) -> QuerySet[Session]:
    """What Django keeps of a session; found by the record of its login."""
    return Session.objects.filter(session_key__in=_select_sessions(people).values("session_key"))


def _select_counters(people: DataSubjects) -> QuerySet[FailureCounter]:
    """A few people at most: one condition for each of their references (see `_clear_counters`)."""
    found = Q(pk__in=[])
    for reference in _list_address_hashes(people):
        found |= Q(key__startswith=f"{reference}:")
    return FailureCounter.objects.filter(found)


# "<reference>:" to "<reference>;" is every key that begins so, read from the index of the key.
_CLEAR_COUNTERS = {
    "postgresql": (
        'DELETE FROM "entry_failurecounter" AS "counter" USING unnest(%s::text[]) AS "reference" '
        """WHERE "counter"."key" ~>=~ ("reference" || ':') """
        """AND "counter"."key" ~<~ ("reference" || ';')"""
    ),
    "sqlite": (
        'DELETE FROM "entry_failurecounter" WHERE "key" IN (SELECT "counter"."key" '
        'FROM json_each(%s) AS "reference" JOIN "entry_failurecounter" AS "counter" '
        """ON "counter"."key" >= "reference"."value" || ':' """
        """AND "counter"."key" < "reference"."value" || ';')"""
    ),
}


def _clear_counters(people: DataSubjects, now: datetime) -> int:
    """By ranges of the key, since the devices of the known ones are not ours to know."""
    references = _list_address_hashes(people)
    values: Any = references if connection.vendor == "postgresql" else json.dumps(references)
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR_COUNTERS[connection.vendor], [values])
        return int(cursor.rowcount)


def _select_refusals(people: DataSubjects) -> QuerySet[Detail]:
    """Failed logins are journaled without a person, under the address's keyed hash."""
    return Detail.objects.filter(
        person__isnull=True,
        entry__object_type="address",
        entry__object_id__in=_list_address_hashes(people),
    ).select_related("entry")


_FACTORS = {
    "totp": "application",
    "webauthn": "clé d’accès",
    "recovery_codes": "codes de secours",
}

ENTRIES = {
    "entry.posted": PersonalData(
        title="Inscriptions, mots de passe oubliés et déverrouillages demandés pour votre adresse",
        columns=name_columns("entry.postedrequest", "email", "email_key", "counter"),
        reason="An address in clear.",
        kept=KEPT_PENDING,
        rows=lambda people: PostedRequest.objects.filter(email_key__in=people.addresses),
        shown=(
            ("Demande", lambda row: row.get_kind_display()),
            ("Adresse", lambda row: row.email),
            ("Reçue le", lambda row: row.created_at),
            ("Traitée le", lambda row: row.settled_at),
        ),
    ),
    "entry.link": PersonalData(
        title="Liens envoyés par e-mail",
        columns=name_columns("entry.entrylink", "user", "counter", "address"),
        reason="Pending tokens end with the account.",
        kept=KEPT_ENTRY,
        rows=lambda people: EntryLink.objects.filter(user__in=people.ids),
        shown=(
            ("Pour", lambda link: link.get_purpose_display()),
            ("Créé le", lambda link: link.created_at),
            ("Expire le", lambda link: link.expires_at),
            ("Utilisé le", lambda link: link.used_at),
        ),
    ),
    "entry.session": PersonalData(
        title="Connexions et sessions",
        columns=name_columns("entry.sessionrecord", "user", "session_key", "user_agent", "ip"),
        reason="Sessions end with the account.",
        kept=KEPT_ENTRY,
        rows=_select_sessions,
        shown=("started_at", "seen_at", "ended_at", "new_device", "user_agent", "ip"),
    ),
    "entry.stored_session": PersonalData(
        title="Sessions conservées par le serveur",
        columns=name_columns("sessions.session", "session_key", "session_data"),
        reason="Sessions end with the account; what they hold names it.",
        kept=KEPT_ENTRY,
        rows=_select_stored_sessions,
        shown=(("Expire le", lambda session: session.expire_date),),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "entry.failures": PersonalData(
        title="Échecs de connexion en cours",
        columns=("entry.failurecounter.key",),
        reason="A counter of the address: a new account starts without it.",
        kept=KEPT_ENTRY,
        rows=_select_counters,
        shown=(
            ("Échecs de suite", lambda counter: counter.failures),
            ("Dernier échec", lambda counter: counter.last_failure_at),
        ),
        erase=_clear_counters,
    ),
    "entry.refusals": PersonalData(
        title="Journal\u00a0: le détail des connexions refusées à votre adresse",
        reason="Device and network of whoever tried this address.",
        kept=KEPT_DETAIL,
        rows=_select_refusals,
        shown=(
            ("Le", lambda detail: detail.entry.at),
            ("Détail", lambda detail: json.dumps(detail.data, ensure_ascii=False)),
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "entry.rates": PersonalData(
        title="Débit d’un réseau, d’une messagerie ou d’un compte",
        columns=("entry.ratecounter.key",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason="Counts events in a window of time: of an IP network, of a mailbox (a keyed hash), "
        "or of an account or a mailed code (their references).",
        kept=KEPT_PENDING,
        rows=lambda people: RateCounter.objects.none(),
        shown=(),
    ),
    "entry.second_factor": PersonalData(
        title="Double authentification, clés d’accès et codes de secours",
        columns=name_columns("mfa.authenticator", "user", "data"),
        reason="Secrets of the account (encrypted), public keys and their labels; end with it.",
        kept=KEPT_ENTRY,
        rows=lambda people: Authenticator.objects.filter(user__in=people.ids),
        shown=(
            ("Sorte", lambda row: _FACTORS.get(row.type, row.type)),
            ("Nom", lambda row: row.data.get("name", "")),
            ("Depuis le", lambda row: row.created_at),
            ("Utilisé le", lambda row: row.last_used_at),
        ),
    ),
    "entry.set_aside_factor": PersonalData(
        title="Double authentification mise de côté après un signalement",
        columns=name_columns("entry.setasidefactor", "user", "data"),
        reason="As the second factors that they were.",
        kept=KEPT_ENTRY,
        rows=lambda people: SetAsideFactor.objects.filter(user__in=people.ids),
        shown=(
            ("Sorte", lambda row: _FACTORS.get(row.type, row.type)),
            ("Nom", lambda row: row.data.get("name", "")),
            ("Depuis le", lambda row: row.created_at),
            ("Mis de côté le", lambda row: row.set_aside_at),
        ),
    ),
    "entry.allauth_address": PersonalData(
        title="Adresses connues de la bibliothèque de connexion",
        columns=name_columns("account.emailaddress", "user", "email"),
        reason="allauth's table: the portal writes none, and deletes what another road wrote.",
        kept=KEPT,
        rows=lambda people: EmailAddress.objects.filter(user__in=people.ids),
        shown=(("Adresse", lambda row: row.email),),
    ),
    "entry.allauth_confirmation": PersonalData(
        title="Confirmations connues de la bibliothèque de connexion",
        columns=name_columns("account.emailconfirmation", "email_address", "key"),
        reason="As the addresses that they confirm.",
        kept=KEPT,
        rows=lambda people: EmailConfirmation.objects.filter(email_address__user__in=people.ids),
        shown=(("Créée le", lambda row: row.created),),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
}
