"""Reference tables, accesses and agents for tests."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.habilitations import loading
from accounts.habilitations.accesses import flows
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.search_words import index_establishments
from accounts.habilitations.api import tokens
from accounts.habilitations.enums import EstablishmentKind, Role, Scope, StaffRole
from accounts.habilitations.platforms.models import AdmissionRule, Platform, RoleText, ServiceRule
from accounts.habilitations.reference.models import (
    Branch,
    BranchProposal,
    Delegation,
    Department,
    Dga,
    Profile,
)
from accounts.habilitations.staff.models import StaffMember
from accounts.people.addresses import fold_address
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.actors import Actor
from tests.factories.kept_rows import KeptRows

NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)
_reference = KeptRows(
    lambda: loading.load_reference_tables(NOW),
    *(Delegation, Dga, Department, Branch, BranchProposal, Profile),
    *(Platform, AdmissionRule, ServiceRule, RoleText),
)


def load_reference() -> None:
    """Fill the reference tables of the test's database, if they are empty."""
    _reference.fill()


def make_user(status: str = Status.ACTIVE, **fields: Any) -> User:
    """An account, active unless said otherwise, whose password is « Demonstration-2026 »."""
    number = next(_numbers)
    email = fields.pop("email", f"claude.fictif{number}@garage-exemple.example.org")
    password = fields.pop("password", "Demonstration-2026")
    user = User(
        email=email,
        email_key=fold_address(email),
        status=status,
        **{
            "first_name": "Claude",
            "last_name": f"Fictif-{number}",
            "status_since": NOW,
            "clock_from": NOW,
            "created_at": NOW,
            **fields,
        },
    )
    user.set_password(password)
    user.save()
    return user


def make_establishment(*, training: bool = False, **fields: Any) -> Establishment:
    """A company of Paris, in the automobile branch; `training`: an organisation without branch."""
    number = next(_numbers)
    if training:
        fields = {"kind": EstablishmentKind.OF, "branch": None, **fields}
    elif "branch" not in fields:
        fields["branch"] = Branch.objects.get(code="automobile")
    place = Establishment.objects.create(
        **{
            "siret": f"7328293{number:07d}",
            "kind": EstablishmentKind.ENTREPRISE,
            "name": f"Garage fictif {number}",
            "created_at": NOW,
            **({} if "department" in fields else {"department_id": "75"}),
            **fields,
        }
    )
    index_establishments([place])
    return place


def make_access(*, administrator: bool = False, **fields: Any) -> Access:
    """An open access to M-Gestion Entreprise, of a new user for a new establishment by default."""
    if "user" not in fields:
        fields["user"] = make_user()
    if "establishment" not in fields:
        fields["establishment"] = make_establishment()
    if "platform" not in fields:
        fields["platform"] = Platform.objects.get(code="m-gestion-entreprise")
    return Access.objects.create(
        **{
            "role": Role.ADMINISTRATEUR if administrator else Role.GESTIONNAIRE,
            "dashboard": "automobile",
            "granted_at": NOW,
            **fields,
        }
    )


def grant(
    user: User, establishment: Establishment, role: str = Role.GESTIONNAIRE, **said: Any
) -> Access:
    """The access as staff grant it, on M-Gestion Entreprise unless said otherwise."""
    facts = {
        "platform_code": "m-gestion-entreprise",
        "dashboard": "automobile" if "platform_code" not in said else "",
        "actor": Actor.system("test"),
        "reason": "Tests",
        "now": NOW,
    }
    return flows.grant_access(user=user, establishment=establishment, role=role, **facts | said)


def make_token(platform: Platform, *scopes: str, now: datetime = NOW, days: int = 30) -> str:
    """A live token of the API, in clear; it may do everything unless said otherwise."""
    return tokens.create_token(
        platform,
        label="Tests",
        scopes=scopes or Scope.values,
        expires_at=now + timedelta(days=days),
        actor=Actor.system("test"),
        now=now,
    )[1]


def make_staff(
    role: str = StaffRole.REVIEWER,
    *,
    delegations: tuple[str, ...] = (),
    dgas: tuple[str, ...] = (),
    user: User | None = None,
) -> User:
    """An agent's account; the scopes are codes (« IDF », « DGA-AUTO »)."""
    if user is None:
        user = make_user(password="Demonstration-Agent-2026", is_staff=True)
    else:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    member = StaffMember.objects.create(user=user, role=role)
    if delegations:
        member.delegations.add(*Delegation.objects.filter(code__in=delegations))
    if dgas:
        member.dgas.add(*Dga.objects.filter(code__in=dgas))
    return user
