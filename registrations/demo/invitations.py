"""Demo data: an establishment whose administrator invites, and a Cabinet RH with its own. Made by
the real flows at past moments; people and companies are invented.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.entry.demo import make_account
from accounts.habilitations.accesses.flows import create_establishment, grant_access
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import EstablishmentKind, Role
from accounts.habilitations.reference.models import Department
from accounts.people.models import User
from mgestion.demo import Demo, DemoAccount
from mgestion.journal.actors import Actor
from registrations.demo.requests import PASSWORD
from registrations.desk.acts.decide import approve_request
from registrations.invitations.acceptance_flows import InvitedAnswers, accept_invitation
from registrations.invitations.flows import invite_colleague, revoke_invitation
from registrations.invitations.models import Invitation
from registrations.requests.models import Request

_AGENT: Final = "nadia.fictive@opco.example.org"
_GARAGE_CHIEF: Final = "ada.fictive@cycles-orion.example.org"
_GARAGE: Final = ("99990005300011", EstablishmentKind.ENTREPRISE)
_FIRM_CHIEF: Final = "elsa.imaginaire@cabinet-sillage.example.org"
_FIRM: Final = ("99990018600019", EstablishmentKind.CABINET_RH)
_MGEPP: Final = "m-gepp-solution"
_DEMO_ACCOUNTS: Final = (
    DemoAccount(
        "remi.factice@cycles-orion.example.org",
        PASSWORD,
        "Demandeur invité",
        "demande sur invitation d’Ada Fictive, en cours",
    ),
    DemoAccount(
        "jeanne.exemple@cycles-orion.example.org",
        PASSWORD,
        "Demandeur invité",
        "demande sur invitation d’Ada Fictive, en cours",
    ),
    DemoAccount(
        _FIRM_CHIEF,
        PASSWORD,
        "Administrateur Cabinet RH",
        "cabinet RH sur M-GEPP Solution\u00a0: invite ses consultants",
    ),
    DemoAccount(
        "ivan.fictif@cabinet-sillage.example.org",
        PASSWORD,
        "Consultant",
        "consultant entré sur M-GEPP Solution par invitation",
    ),
)


def load_demo_invitations(now: datetime) -> None:
    """Pending, accepted, expired and withdrawn. Idempotent; nothing without its administrators."""
    garage = _find_place(*_GARAGE)
    chief = User.objects.with_address(_GARAGE_CHIEF)
    if garage is not None and chief is not None:
        _load_garage(garage, chief, now)
    _load_firm(now)


@transaction.atomic
def _load_garage(garage: Establishment, chief: User, now: datetime) -> None:
    domain = "cycles-orion.example.org"
    _invite(chief, garage, f"zoe.fictive@{domain}", now - timedelta(hours=50))
    _invite(chief, garage, f"lino.imaginaire@{domain}", now - timedelta(hours=370))  # expired
    withdrawn = _invite(chief, garage, f"ines.factice@{domain}", now - timedelta(hours=75))
    if withdrawn is not None:
        key = garage.key
        revoke_invitation(chief, key, withdrawn.pk, now=now - timedelta(hours=74))
    for mailbox, first_name, last_name, hours in (
        (f"remi.factice@{domain}", "Rémi", "Factice", 20),
        (f"jeanne.exemple@{domain}", "Jeanne", "Exemple", 9),
    ):
        invitation = _invite(chief, garage, mailbox, now - timedelta(hours=hours + 26))
        if invitation is not None:
            _accept(invitation, first_name, last_name, now - timedelta(hours=hours))


@transaction.atomic
def _load_firm(now: datetime) -> None:
    """The firm is opened by an agent (R61); its consultant comes by invitation."""
    agent = User.objects.with_address(_AGENT)
    if agent is None or _find_place(*_FIRM) is not None:
        return
    opened = now - timedelta(days=12)
    firm = create_establishment(
        siret=_FIRM[0],
        kind=_FIRM[1],
        name="Cabinet Sillage (fictif)",
        department=Department.objects.get(code="69"),
        branch=None,
        now=opened,
    )
    chief = make_account(
        _FIRM_CHIEF, PASSWORD, now=opened, first_name="Elsa", last_name="Imaginaire"
    )
    grant_access(
        user=chief,
        platform_code=_MGEPP,
        role=Role.ADMINISTRATEUR_CABINET_RH,
        establishment=firm,
        dashboard="",
        actor=Actor.staff(agent),
        reason="Prestataire référencé par marché public (fictif)",
        now=opened,
    )
    domain = "cabinet-sillage.example.org"
    said = {"platform": _MGEPP, "profile": "RH-CONS"}
    _invite(chief, firm, f"mia.fictive@{domain}", now - timedelta(hours=28), **said)
    invitation = _invite(chief, firm, f"ivan.fictif@{domain}", opened, **said)
    if invitation is None:
        return
    request = _accept(invitation, "Ivan", "Fictif", opened + timedelta(hours=5))
    if request is not None:
        approve_request(
            request.pk,
            version=request.version,
            role=Role.CONSULTANT,
            actor_user=agent,
            now=opened + timedelta(hours=22),
        )


def _find_place(siret: str, kind: str) -> Establishment | None:
    return Establishment.objects.filter(siret=siret, kind=kind).first()


def _invite(
    chief: User,
    place: Establishment,
    mailbox: str,
    sent: datetime,
    *,
    platform: str = "m-gestion-entreprise",
    profile: str = "ENT-GEST",
) -> Invitation | None:
    """None when it is there already, or when nobody may invite to that platform any more."""
    administers = Access.objects.open().filter(
        user=chief, establishment=place, platform__code=platform
    )
    if Invitation.objects.filter(email=mailbox).exists() or not administers.exists():
        return None
    return invite_colleague(
        chief,
        place.key,
        email=mailbox,
        platform_code=platform,
        profile_code=profile,
        now=sent,
    )


def _accept(
    invitation: Invitation, first_name: str, last_name: str, at: datetime
) -> Request | None:
    person = make_account(invitation.email, PASSWORD, now=at - timedelta(minutes=20))
    answers = InvitedAnswers(last_name, first_name, "+33199001130")
    return accept_invitation(person, invitation.pk, answers=answers, now=at).request


DEMO_INVITATIONS: Final = Demo(load_demo_invitations, _DEMO_ACCOUNTS)
