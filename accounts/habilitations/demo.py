"""The demo's agents: one of each role, all invented."""

from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation, Dga
from accounts.habilitations.staff.models import StaffMember
from accounts.people.addresses import fold_address
from accounts.people.enums import Status
from accounts.people.models import User, get_creation_dates
from accounts.people.search.search_words import index_accounts
from mgestion.demo import Demo, DemoAccount


class Agent(NamedTuple):
    """An invented agent and their scope, by codes of the reference tables."""

    email: str
    password: str
    first_name: str
    last_name: str
    role: StaffRole
    look: str
    delegations: tuple[str, ...] = ()
    dgas: tuple[str, ...] = ()


AGENTS: Final = (
    Agent(
        "nadia.fictive@opco.example.org",
        "Demo-Nationale-2026",
        "Nadia",
        "Fictive",
        StaffRole.NATIONAL,
        "toutes les demandes, les tables de référence, les agents",
    ),
    Agent(
        "ines.exemple@opco.example.org",
        "Demo-Instructrice-IDF-2026",
        "Inès",
        "Exemple",
        StaffRole.REVIEWER,
        "les demandes de la délégation Île-de-France",
        delegations=("IDF",),
    ),
    Agent(
        "romain.exemple@opco.example.org",
        "Demo-Instructeur-ARA-2026",
        "Romain",
        "Exemple",
        StaffRole.REVIEWER,
        "les demandes d’Auvergne-Rhône-Alpes et celles de la branche automobile",
        delegations=("ARA",),
        dgas=("DGA-AUTO",),
    ),
    Agent(
        "alix.fictif@opco.example.org",
        "Demo-Auditeur-Lecture-2026",
        "Alix",
        "Fictif",
        StaffRole.AUDITOR,
        "tout, en lecture seule",
    ),
    Agent(
        "odile.fictive@opco.example.org",
        "Demo-Deleguee-Donnees-2026",
        "Odile",
        "Fictive",
        StaffRole.DPO,
        "les demandes d’exercice de droits et les comptes concernés",
    ),
)
ACCOUNTS: Final = tuple(
    DemoAccount(agent.email, agent.password, agent.role.label, agent.look) for agent in AGENTS
)


@transaction.atomic
def load_staff(now: datetime) -> None:
    """Create the agents that are missing. Those there already, and their passwords, stay as they
    are.
    """
    for agent in AGENTS:
        user, created = User.objects.get_or_create(
            email_key=fold_address(agent.email),
            defaults={
                "email": agent.email,
                "first_name": agent.first_name,
                "last_name": agent.last_name,
                "status": Status.ACTIVE,
                "is_staff": True,
                **get_creation_dates(now),
            },
        )
        if not created:
            continue
        user.set_password(agent.password)
        user.save(update_fields=["password"])
        index_accounts([user])
        member = StaffMember.objects.create(user=user, role=agent.role)
        member.delegations.set(Delegation.objects.filter(code__in=agent.delegations))
        member.dgas.set(Dga.objects.filter(code__in=agent.dgas))


STAFF: Final = Demo(load_staff, ACCOUNTS)
