"""Accept several requests that an invitation or a known address proves: one confirmation that lists
all of them, then each by its own verb, with its own history, journal and mail (D69).

What nothing proves is decided one by one. An administrator's role needs, beside it, the evidence
that the agent writes (D59).
"""

from typing import Final

from django.http import HttpRequest, HttpResponse

from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.staff_acts import StaffAct
from registrations.desk.acts.decide import approve_request
from registrations.desk.decision.list_place import ListedRequestAdmin
from registrations.desk.queue.bulk.bulk_outcomes import (
    TickedRequest,
    decide_each,
    find_bulk_obstacle,
    read_versions,
    render_outcomes,
    select_ticked,
)
from registrations.evidence.known_addresses import KnownAddress, find_known_addresses
from registrations.invitations.evidence import EVIDENCE_RELATED, describe_evidence
from registrations.requests.models import Request

ACCEPT: Final = "accepter"
TITLE: Final = "Accepter sur invitation ou adresse connue"
EVIDENCE_MAX: Final = 300


def accept_view(
    admin: ListedRequestAdmin, http: HttpRequest, user: User, keys: list[str], back: str
) -> HttpResponse:
    rows = _read_rows_to_accept(admin, http, user, keys)
    said = " ".join(http.POST.get("evidence", "").split())[:EVIDENCE_MAX]
    accepted = [row for row in rows if not row.refusal]
    needs_words = any(row.administrator for row in accepted)
    confirmed = http.POST.get("confirmed") == "oui"
    if not confirmed or not accepted or (needs_words and not said):
        context = {
            "title": TITLE,
            "accepted": accepted,
            "left": [row for row in rows if row.refusal],
            "unknown": len(keys) - len(rows),
            "needs_words": needs_words,
            "missing_words": confirmed and needs_words and not said,
            "evidence_max": EVIDENCE_MAX,
            "filters": http.POST.get("filters", "")[:2000],
            "back": back,
        }
        return admin.render_page(http, "bulk_accept", context)
    outcomes = decide_each(_build_act(http, user, accepted, said), http, user, rows, len(keys))
    return render_outcomes(admin, http, TITLE, outcomes, back)


def _build_act(
    http: HttpRequest, user: User, accepted: list[TickedRequest], said: str
) -> StaffAct[Request]:
    versions = read_versions(http)
    proofs = {
        row.item.pk: said if row.administrator else row.proof[:EVIDENCE_MAX] for row in accepted
    }
    return StaffAct[Request](
        verb=lambda item, actor, given, now: approve_request(
            item.pk,
            version=versions.get(str(item.pk), 0),
            role=item.asked_role,
            evidence=proofs[item.pk],
            actor_user=user,
            now=now,
        ),
        done=lambda item, result: f"Acceptée\u00a0: {item.get_asked_role_display()}.",
    )


def _read_rows_to_accept(
    admin: ListedRequestAdmin, http: HttpRequest, user: User, keys: list[str]
) -> list[TickedRequest]:
    found = select_ticked(admin, http, keys)
    items = list(found.select_related("user", "platform", *EVIDENCE_RELATED))
    known = find_known_addresses([item for item in items if item.is_open])
    return [_judge(item, user, known[item.pk]) for item in items]


def _judge(item: Request, user: User, known: list[KnownAddress]) -> TickedRequest:
    evidence = describe_evidence(item)
    proof = known[0].sentence if known else ""
    refusal = find_bulk_obstacle(item, user)
    if not refusal and item.user.status != Status.ACTIVE:
        refusal = f"Le compte n’est pas actif\u00a0: {item.user.get_status_display()}."
    elif not refusal and evidence is not None and evidence.faults:
        refusal = f"{evidence.faults[0]} Décidez-la depuis sa page."
    elif evidence is not None:
        proof = evidence.sentence
    elif not refusal and not proof:
        refusal = (
            "Aucune invitation n’y est jointe et son adresse n’est pas connue\u00a0: "
            "décidez-la depuis sa page."
        )
    return TickedRequest(item, refusal, proof=proof)
