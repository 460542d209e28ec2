"""Tickets, as data about a person."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.cas.models import GrantingTicket, Ticket
from accounts.cas.single_logout.sessions_to_end import queue_people_sessions
from accounts.entry.personal_data import KEPT_ENTRY
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    delete_rows,
)


def _select_tickets(people: DataSubjects) -> QuerySet[Ticket]:
    return Ticket.objects.filter(user__in=people.ids)


def _select_granting_tickets(people: DataSubjects) -> QuerySet[GrantingTicket]:
    return GrantingTicket.objects.filter(session__user__in=people.ids)


def _log_out_and_delete(people: DataSubjects, now: datetime) -> int:
    """The platforms that still hold a session of these people are told: what tells them names no
    person, and outlives the account.
    """
    queue_people_sessions(people.ids, now)
    return delete_rows(_select_tickets(people))


ENTRIES = {
    "cas.ticket": PersonalData(
        title="Entrées sur les plateformes",
        columns=(
            "cas.ticket.user",
            "cas.ticket.session",
            "cas.ticket.granting",
            "cas.ticket.digest",
            "cas.ticket.clear",
        ),  # fmt: skip
        policy=ErasurePolicy.DELETE,
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
        columns=(
            "cas.grantingticket.session",
            "cas.grantingticket.parent",
            "cas.grantingticket.digest",
        ),  # fmt: skip
        policy=ErasurePolicy.DELETE,
        reason="They are nothing without the session that they were given in.",
        kept=KEPT_ENTRY,
        rows=lambda people: _select_granting_tickets(people).select_related("platform"),
        shown=(
            ("Plateforme", lambda granting: granting.platform.name),
            ("Adresse de rappel", lambda granting: granting.url),
            "issued_at",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
        erase=lambda people, now: delete_rows(_select_granting_tickets(people)),
    ),
}
