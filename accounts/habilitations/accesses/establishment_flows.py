"""An establishment that nobody has asked for yet is added by an agent."""

from datetime import datetime

from django.db import transaction

from accounts.habilitations.accesses.flows import create_establishment
from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.reference.models import Branch, Department
from accounts.people.fields import clean_line
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.text.siret import InvalidSiret, parse_siret


@transaction.atomic
def add_establishment(
    *,
    siret: str,
    kind: str,
    name: str,
    department: Department,
    branch: Branch | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Establishment:
    """The establishment of a SIRET and a type, before any request, so that accesses can be granted
    there. Whether the agent may act for it is the caller's question. `reason` is the agent's words,
    kept in the part of the journal that may be erased. Raises Refused, and WrongState when it is
    there already.
    """
    try:
        siret = parse_siret(siret)
    except InvalidSiret as error:
        raise Refused("siret", error.message) from None
    name, reason = clean_line(name), reason.strip()
    if not any(char.isalnum() for char in name):
        raise Refused("name_needed", "Indiquez la raison sociale.")
    if not reason:
        raise Refused("reason_needed", "Dites pourquoi vous ajoutez cet établissement.")
    if kind == EstablishmentKind.ENTREPRISE and branch is None:
        raise Refused("branch_needed", "Choisissez la branche de cette entreprise.")
    if Establishment.objects.filter(siret=siret, kind=kind).exists():
        raise WrongState("known", "Cet établissement existe déjà.")
    place = create_establishment(
        siret=siret,
        kind=kind,
        name=name,
        department=department,
        branch=branch if kind == EstablishmentKind.ENTREPRISE else None,
        now=now,
    )
    write_journal_entry(
        HabilitationAct.ESTABLISHMENT_ADDED,
        actor=actor,
        object_type="establishment",
        object_id=str(place.pk),
        detail={"establishment_kind": str(kind), "said": reason},
        now=now,
    )
    return place
