"""Reference tables, accesses and agents for tests.

The tables are read from the real files once a process, then put back in a few statements
(`tests.conftest.reference`).
"""

import copy
import itertools
from datetime import UTC, datetime
from typing import Any

from accounts.habilitations.enums import EstablishmentKind, Role, StaffRole
from accounts.habilitations.models import (
    Access,
    Branch,
    Delegation,
    Department,
    Dga,
    Establishment,
    Platform,
    Profile,
    RoleText,
    ServiceRule,
    StaffMember,
)
from accounts.habilitations.reference import loading
from accounts.people.addresses import fold
from accounts.people.enums import Status
from accounts.people.models import User

NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
_TABLES: tuple[Any, ...] = (
    Delegation,
    Dga,
    Department,
    Branch,
    Profile,
    Platform,
    ServiceRule,
    RoleText,
)
_rows: dict[Any, list[Any]] = {}
_numbers = itertools.count(1)


def load_reference() -> None:
    """Fill the reference tables of the test's database, if they are empty."""
    if Department.objects.exists():
        return
    if not _rows:
        loading.load(NOW)
        _rows.update({table: list(table.objects.order_by("pk")) for table in _TABLES})
        return
    for table in _TABLES:
        table.objects.bulk_create(copy.deepcopy(_rows[table]))


def make_user(status: str = Status.ACTIVE, **fields: Any) -> User:
    """An account, active unless said otherwise, whose password is « Demonstration-2026 »."""
    number = next(_numbers)
    email = fields.pop("email", f"claude.fictif{number}@garage-exemple.example.org")
    password = fields.pop("password", "Demonstration-2026")
    user = User(
        email=email,
        email_key=fold(email),
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
    return Establishment.objects.create(
        **{
            "siret": f"7328293{number:07d}",
            "kind": EstablishmentKind.ENTREPRISE,
            "name": f"Garage fictif {number}",
            "created_at": NOW,
            **({} if "department" in fields else {"department_id": "75"}),
            **fields,
        }
    )


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


def make_staff(
    role: str = StaffRole.REVIEWER,
    *,
    delegations: tuple[str, ...] = (),
    dgas: tuple[str, ...] = (),
    user: User | None = None,
) -> User:
    """An agent's account; the scopes are codes (« IDF », « DGA-AUTO »)."""
    user = user or make_user(password="Demonstration-Agent-2026")
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    member = StaffMember.objects.create(user=user, role=role)
    member.delegations.set(Delegation.objects.filter(code__in=delegations))
    member.dgas.set(Dga.objects.filter(code__in=dgas))
    return user
