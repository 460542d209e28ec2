"""Demo data: requests in every state, made by the real flows at past moments. People and companies
are invented.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.entry.demo import make_account
from accounts.habilitations.accesses.flows import grant_access
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import EstablishmentKind, Role
from accounts.habilitations.platforms.admission import get_default_profile
from accounts.habilitations.platforms.mgestion_platforms import get_mgestion_platform_code
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department, Profile
from accounts.people.models import User
from mgestion.demo import Demo, DemoAccount
from mgestion.journal.actors import Actor
from registrations.demo.conversation import talk_about_request
from registrations.desk.acts.decide import approve_request, refuse_request
from registrations.enrolment.amend_flows import cancel_request
from registrations.enrolment.form_answers import RequestAnswers
from registrations.enrolment.submit_flows import submit_request
from registrations.establishments import review_flows
from registrations.establishments.models import AccessReview
from registrations.requests.models import RefusalReason, Request
from registrations.requests.suspension_flows import suspend_access

PASSWORD: Final = "Demo-Usager-2026"  # noqa: S105  # shown on purpose, for invented people
_NATIONAL: Final = "nadia.fictive@opco.example.org"
_SECOND_PLATFORM: Final = "m-campus-entreprise"  # the demo's own: `accounts.cas.demo_platform`
_NAMESPACE: Final = uuid.UUID("6f1c5f6e-0d4b-4a53-9a59-6f6a3c1e2d10")


@dataclass(frozen=True, slots=True)
class DemoApplicant:
    """An invented applicant. `hours`: how long ago the request was sent; None: not yet."""

    mailbox: str
    first_name: str
    last_name: str
    phone: str
    see: str
    company: str = ""
    siret: str = ""
    kind: str = EstablishmentKind.ENTREPRISE
    department: str = "75"
    branch: str = "automobile"
    profile: str = "ENT-GEST"
    platform: str = ""  # empty: M-Gestion, by the type
    hours: int | None = None
    routed: bool = True
    then: Callable[[Request, User, datetime], object] | None = None
    role: str = "Demandeur"


def _approve_with_role(
    role: Role, evidence: str = ""
) -> Callable[[Request, User, datetime], object]:
    def act(request: Request, agent: User, at: datetime) -> object:
        return approve_request(
            request.pk,
            version=request.version,
            role=role,
            evidence=evidence,
            actor_user=agent,
            now=at,
        )

    return act


def _approve_then_suspend(request: Request, agent: User, at: datetime) -> object:
    """Approve the request, then suspend the access a week later."""
    _approve_with_role(Role.GESTIONNAIRE)(request, agent, at)
    return suspend_access(
        request.pk,
        reason="L’attestation de l’employeur, demandée à l’ouverture de l’accès, n’est pas "
        "arrivée. Envoyez-la à votre délégation\u00a0: votre accès sera rouvert.",
        actor_user=agent,
        now=at + timedelta(days=7),
    )


def _refuse_request(request: Request, agent: User, at: datetime) -> object:
    reason = RefusalReason.objects.get(code="siret-identite")
    return refuse_request(
        request.pk,
        version=request.version,
        reason=reason,
        text=reason.text,
        internal_note="Le SIRET est celui du siège, la demande parle de l’atelier.",
        actor_user=agent,
        now=at,
    )


def _cancel_request(request: Request, agent: User, at: datetime) -> object:
    return cancel_request(request.pk, request.user, at)


# In this order: the administrator of an establishment comes before their colleague.
PEOPLE: Final = (
    DemoApplicant(
        "nora.fictive@garage-lumiere.example.org", "Nora", "Fictive", "+33199001101",
        "compte tout neuf\u00a0: le formulaire de demande", role="Sans demande",
    ),
    DemoApplicant(
        "lea.fictive@garage-lumiere.example.org", "Léa", "Fictive", "+33199001102",
        "demande en cours, dans les temps", "Garage Lumière (fictif)", "99990001200017", hours=3,
    ),
    DemoApplicant(
        "marc.exemple@boreal.example.org", "Marc", "Exemple", "+33199001103",
        "demande prise en charge, avec des échanges et une réponse à lire",
        "Transports Boréal (fictif)", "99990002000010", department="93",
        branch="transport-routier", hours=30, then=talk_about_request,
    ),
    DemoApplicant(
        "sonia.factice@ambulances-plume.example.org", "Sonia", "Factice", "+33199001104",
        "demande en retard", "Ambulances Plume (fictif)", "99990003800012", department="69",
        branch="transport-routier", hours=60,
    ),
    DemoApplicant(
        "hugo.imaginaire@ateliers-vesta.example.org", "Hugo", "Imaginaire", "+33199001105",
        "demande refusée, à corriger et renvoyer", "Ateliers Vesta (fictif)", "99990004600015",
        department="35", hours=80, then=_refuse_request,
    ),
    DemoApplicant(
        "ada.fictive@cycles-orion.example.org", "Ada", "Fictive", "+33199001106",
        "tableau de bord Automobile\u202f; entre sur M-Campus Entreprise sans nouveau mot de passe",
        "Cycles Orion (fictif)", "99990005300011", department="92", profile="ENT-ADMIN", hours=400,
        then=_approve_with_role(
            Role.ADMINISTRATEUR, "Extrait Kbis au nom de la personne, vu le jour même."
        ),
        role="Administrateur",
    ),
    DemoApplicant(
        "claire.exemple@cycles-orion.example.org", "Claire", "Exemple", "+33199001107",
        "tableau de bord Automobile, sans accès à M-Campus Entreprise", "Cycles Orion (fictif)",
        "99990005300011", department="92", hours=200, then=_approve_with_role(Role.GESTIONNAIRE),
        role="Gestionnaire",
    ),
    DemoApplicant(
        "basile.factice@cycles-orion.example.org", "Basile", "Factice", "+33199001113",
        "tableau de bord Automobile, compte à vérifier par Ada Fictive", "Cycles Orion (fictif)",
        "99990005300011", department="92", hours=190, then=_approve_with_role(Role.GESTIONNAIRE),
        role="Gestionnaire",
    ),
    DemoApplicant(
        "yanis.factice@messageries-alize.example.org", "Yanis", "Factice", "+262262990108",
        "tableau de bord Transport, à La Réunion", "Messageries Alizé (fictif)", "99990006100014",
        department="974", branch="transport-routier", hours=150,
        then=_approve_with_role(Role.GESTIONNAIRE), role="Gestionnaire",
    ),
    DemoApplicant(
        "olga.imaginaire@tramways-cobalt.example.org", "Olga", "Imaginaire", "+33199001109",
        "tableau de bord Urbain", "Tramways Cobalt (fictif)", "99990007900016", department="13",
        branch="urbain", hours=130, then=_approve_with_role(Role.GESTIONNAIRE), role="Gestionnaire",
    ),
    DemoApplicant(
        "paul.fictif@cfa-meridien.example.org", "Paul", "Fictif", "+33199001110",
        "tableau de bord OF", "CFA Méridien (fictif)", "99990008700019", EstablishmentKind.CFA,
        department="31", hours=110, then=_approve_with_role(Role.GESTIONNAIRE), role="Gestionnaire",
    ),
    DemoApplicant(
        "rose.exemple@formation-azur.example.org", "Rose", "Exemple", "+33199001111",
        "demande annulée", "Formation Azur (fictif)", "99990009500012", EstablishmentKind.OF,
        department="06", hours=90, then=_cancel_request,
    ),
    DemoApplicant(
        "teva.factice@lagon-auto.example.org", "Teva", "Factice", "+68940990112",
        "demande sans délégation, dans la file à orienter", "Lagon Auto (fictif)",
        "99990010300014", department="987", hours=20, routed=False,
    ),
    DemoApplicant(
        "gilles.imaginaire@autocars-mirage.example.org", "Gilles", "Imaginaire", "+33199001114",
        "accès à M-Gestion suspendu, avec le motif", "Autocars Mirage (fictif)", "99990011100017",
        department="44", branch="tourisme", hours=300, then=_approve_then_suspend,
        role="Accès suspendu",
    ),
    DemoApplicant(
        "irene.fictive@cabinet-quartz.example.org", "Irène", "Fictive", "+33199001115",
        "cabinet comptable\u00a0: demande d’accès à M-Contributions, en cours",
        "Cabinet Quartz (fictif)", "99990012900019", EstablishmentKind.CABINET_COMPTABLE,
        platform="m-contributions", profile="CAB-CPT", hours=6,
    ),
    DemoApplicant(
        "tom.exemple@cabinet-basalte.example.org", "Tom", "Exemple", "+33199001116",
        "cabinet comptable\u00a0: accès ouvert à M-Contributions", "Cabinet Basalte (fictif)",
        "99990013700012", EstablishmentKind.CABINET_COMPTABLE, platform="m-contributions",
        profile="CAB-CPT", department="69", hours=140,
        then=_approve_with_role(Role.CABINET_COMPTABLE), role="Cabinet comptable",
    ),
    DemoApplicant(
        "agathe.imaginaire@cabinet-gneiss.example.org", "Agathe", "Imaginaire", "+33199001117",
        "cabinet comptable\u00a0: demande d’accès à M-Contributions refusée, à corriger",
        "Cabinet Gneiss (fictif)", "99990014500015", EstablishmentKind.CABINET_COMPTABLE,
        platform="m-contributions", profile="CAB-CPT", department="92", hours=75,
        then=_refuse_request,
    ),
    DemoApplicant(
        "lucas.factice@carrosserie-iris.example.org", "Lucas", "Factice", "+33199001118",
        "demande d’accès à M-Campus Entreprise, en cours depuis plus de 24\u00a0h",
        "Carrosserie Iris (fictif)", "99990015200011", platform="m-campus-entreprise",
        profile="ENT-ADH", department="78", hours=28,
    ),
    DemoApplicant(
        "mona.fictive@formation-delta.example.org", "Mona", "Fictive", "+33199001119",
        "accès ouvert à M-Campus OF", "Formation Delta (fictif)", "99990016000014",
        EstablishmentKind.OF, platform="m-campus-of", profile="OF-PART", department="33",
        hours=160, then=_approve_with_role(Role.PARTENAIRE), role="Partenaire",
    ),
    DemoApplicant(
        "sacha.exemple@autocars-zephyr.example.org", "Sacha", "Exemple", "+33199001120",
        "demande d’accès à M-GEPP Solution, en retard", "Autocars Zéphyr (fictif)",
        "99990017800016", platform="m-gepp-solution", profile="ENT-ADH", department="94", hours=55,
    ),
)  # fmt: skip


def load_demo_requests(now: datetime) -> None:
    """Create the missing people and their requests. Idempotent."""
    for person in PEOPLE:
        if User.objects.with_address(person.mailbox) is None:
            _make_applicant(person, now)
    _open_second_platform(now)
    _open_demo_review(now)


@transaction.atomic
def _open_second_platform(now: datetime) -> None:
    """Give Ada a second platform, so that single sign-on and single logout can be shown."""
    user = User.objects.with_address("ada.fictive@cycles-orion.example.org")
    agent = User.objects.with_address(_NATIONAL)
    place = Establishment.objects.filter(siret="99990005300011").first()
    held = Access.objects.filter(user=user, platform__code=_SECOND_PLATFORM)
    if user is None or agent is None or place is None or held.exists():
        return
    grant_access(
        user=user,
        platform_code=_SECOND_PLATFORM,
        role=Role.GESTIONNAIRE,
        establishment=place,
        dashboard="",
        actor=Actor.staff(agent),
        reason="Demande écrite de l’entreprise",
        now=now,
    )


@transaction.atomic
def _open_demo_review(now: datetime) -> None:
    """Open an access review for the establishment with several accesses. Idempotent."""
    for place in Establishment.objects.filter(siret="99990005300011"):
        if not AccessReview.objects.filter(establishment=place).exists():
            review_flows.open_review(place, now)


@transaction.atomic
def _make_applicant(person: DemoApplicant, now: datetime) -> None:
    sent = now - timedelta(hours=person.hours or 0)
    user = make_account(person.mailbox, PASSWORD, now=sent - timedelta(minutes=20))
    if person.hours is None:
        return
    request = submit_request(
        user=user,
        answers=_build_answers(person),
        form_token=uuid.uuid5(_NAMESPACE, person.mailbox),
        now=sent,
    )
    if person.then is not None:
        agent = User.objects.with_address(_NATIONAL)
        if agent is None:
            raise LookupError("the demo's agents are loaded first")
        person.then(request, agent, min(now, sent + timedelta(hours=26)))


def _build_answers(person: DemoApplicant) -> RequestAnswers:
    department = Department.objects.select_related("delegation").get(code=person.department)
    if not person.routed:
        # As if the département had no délégation on the day of the submission.
        department.delegation = None
    code = person.platform or get_mgestion_platform_code(person.kind)
    platform = Platform.objects.get(code=code)
    company = person.kind == EstablishmentKind.ENTREPRISE
    branch = company and not person.platform
    return RequestAnswers(
        platform=platform,
        last_name=person.last_name,
        first_name=person.first_name,
        phone=person.phone,
        company_name=person.company,
        siret=person.siret,
        kind=person.kind,
        department=department,
        branch=Branch.objects.select_related("dga").get(code=person.branch) if branch else None,
        profile=Profile.objects.get(code=person.profile)
        if company or person.platform
        else get_default_profile(platform, person.kind),
    )


ACCOUNTS: Final = tuple(
    DemoAccount(person.mailbox, PASSWORD, person.role, person.see) for person in PEOPLE
)
REQUESTS: Final = Demo(load_demo_requests, ACCOUNTS)
