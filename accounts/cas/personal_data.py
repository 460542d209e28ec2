"""Tickets, as data about a person."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.cas.models import GrantingTicket, Ticket
from accounts.cas.single_logout.sessions_to_end import queue_people_sessions
from accounts.entry.personal_data import KEPT_ENTRY
from mgestion.personal_data import (
    DataSubjects,
    ErasureStage,
    PersonalData,
    delete_rows,
    name_columns,
    select_rows,
)


def _select_tickets(people: DataSubjects) -> QuerySet[Ticket]:
    return Ticket.objects.filter(user__in=people.ids)


def _log_out_and_delete(people: DataSubjects, now: datetime) -> int:
    """The platforms that still hold a session of these people are told: what tells them names no
    person, and outlives the account.
    """
    queue_people_sessions(people.ids, now)
    return delete_rows(_select_tickets(people))


ENTRIES = {
    "cas.ticket": PersonalData(
        title="Entrées sur les plateformes",
        columns=name_columns("cas.ticket", "user", "session", "granting", "digest", "clear"),
        reason="Tickets end with the account, once the platforms are told.",
        kept=KEPT_ENTRY,
        rows=lambda people: _select_tickets(people).select_related("platform"),
        shown=(
            ("Plateforme", lambda ticket: ticket.platform.name),
            ("Adresse de service", lambda ticket: ticket.service),
            "issued_at",
            "consumed_at",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
        erase=_log_out_and_delete,
    ),
    "cas.grantingticket": PersonalData(
        title="Plateformes mandataires",
        columns=name_columns("cas.grantingticket", "session", "parent", "digest"),
        reason="They are nothing without the session that they were given in.",
        kept=KEPT_ENTRY,
        rows=select_rows(GrantingTicket, "session__user", "platform"),
        shown=(
            ("Plateforme", lambda granting: granting.platform.name),
            ("Adresse de rappel", lambda granting: granting.url),
            "issued_at",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
}
