"""The reference tables, from `reference/*.json`: created where missing, and never over what staff
edited.

With `force` the rows go back to what the files say. Rows that staff added are left alone in both
cases.

A straight apostrophe is no edit: the files have it, and a value that is theirs but for that gets
the typographic one in both cases. A name that an earlier version loaded as it stands in the file
mends itself that way at the next load.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from django.db import models, transaction

from accounts.habilitations.enums import Dashboard, EstablishmentKind, Role, WayIn
from accounts.habilitations.platforms.cas_services import OWN_ORIGIN
from accounts.habilitations.platforms.mgestion_platforms import MGESTION_COMPANY, MGESTION_TRAINING
from accounts.habilitations.platforms.models import AdmissionRule, Platform, RoleText, ServiceRule
from accounts.habilitations.reference.models import (
    Branch,
    BranchProposal,
    Delegation,
    Department,
    Dga,
    Profile,
)

_M = TypeVar("_M", bound=models.Model)
FOLDER: Final = Path(__file__).parent / "reference"

# R55 and R84 give the names, R84 the six that count for inactivity; the published links are
# those of CGU art. 1.
PLATFORMS: Final = (
    (
        MGESTION_COMPANY,
        "M-Gestion Entreprise",
        "Vos demandes de prise en charge et le suivi de vos dossiers de formation.",
        "https://mgestion.opcomobilites.fr",
        True,
    ),
    (
        MGESTION_TRAINING,
        "M-Gestion OF",
        "Le suivi des dossiers confiés à votre CFA ou à votre organisme de formation.",
        "https://mgestion.opcomobilites.fr",
        True,
    ),
    (
        "m-contributions",
        "M-Contributions",
        "Vos déclarations et le suivi de vos contributions.",
        "https://mcontributions.opcomobilites.fr",
        True,
    ),
    (
        "m-campus-entreprise",
        "M-Campus Entreprise",
        "La recherche de formations pour vos salariés.",
        "https://mcampus.opcomobilites.fr/",
        True,
    ),
    (
        "m-campus-of",
        "M-Campus OF",
        "La présentation de vos formations aux entreprises de la mobilité.",
        "https://mcampus.opcomobilites.fr/",
        True,
    ),
    (
        "m-gepp-solution",
        "M-GEPP Solution",
        "La gestion des emplois et des parcours professionnels.",
        "",
        True,
    ),
    (
        "m-tutorat",
        "M-Tutorat",
        "L’accompagnement des tuteurs et des maîtres d’apprentissage.",
        "https://m-tutorat.fr/",
        False,
    ),
    (
        "m-transition-energetique",
        "M-Transition Energétique",
        "Les ressources pour préparer votre entreprise à la transition énergétique.",
        "https://mtransition-energetique.opcomobilites.fr/",
        False,
    ),
)
# The two that sign people up by themselves, at the addresses of CGU art. 1.
SIGNUP_URLS: Final = {
    "m-tutorat": "https://m-tutorat.fr/inscription.php",
    "m-transition-energetique": "https://mtransition-energetique.opcomobilites.fr/signup?next=%2F",
}


# Which roles each platform knows: what the page of a refused access announces, and what staff
# may grant there. M-Tutorat and M-Transition Energétique publish none: any of the seven.
ROLES_KNOWN: Final[Mapping[str, tuple[Role, ...]]] = {
    MGESTION_COMPANY: (Role.ADMINISTRATEUR, Role.GESTIONNAIRE, Role.ADHERENT),
    MGESTION_TRAINING: (Role.ADMINISTRATEUR, Role.GESTIONNAIRE),
    "m-contributions": (Role.ADMINISTRATEUR, Role.GESTIONNAIRE, Role.CABINET_COMPTABLE),
    "m-campus-entreprise": (Role.ADMINISTRATEUR, Role.GESTIONNAIRE, Role.ADHERENT),
    "m-campus-of": (Role.PARTENAIRE,),
    "m-gepp-solution": (Role.ADHERENT, Role.ADMINISTRATEUR_CABINET_RH, Role.CONSULTANT),
}


@dataclass
class LoadingTally:
    """What a load did, table by table."""

    created: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        names = dict.fromkeys([*self.created, *self.restored, *self.kept])
        return [
            f"{name}: {self.created.get(name, 0)} created, {self.restored.get(name, 0)} restored, "
            f"{self.kept.get(name, 0)} left as edited"
            for name in names
        ]


@transaction.atomic
def load_reference_tables(now: datetime, force: bool = False) -> list[str]:
    """Create what is missing; with `force`, put edited rows back. Returns what it did, a line per
    table.
    """
    tally = LoadingTally()
    fallback = next(item["code"] for item in _read_table("dga")["dga"] if item.get("fallback_for"))
    others = Dga.objects.filter(fallback=True).exclude(code=fallback)
    if force:
        others.update(fallback=False)
    fallback_is_free = not others.exists()  # staff may have given the task to a DGA of their own
    dgas = {
        item["code"]: _save_row(
            tally,
            Dga,
            {"code": item["code"]},
            {
                "name": _curl_apostrophes(item["name"]),
                "email": item["email"],
                "dashboard": Dashboard(item["dashboard"]),
                "fallback": item["code"] == fallback and fallback_is_free,
            },
            force=force,
        )
        for item in _read_table("dga")["dga"]
    }
    _load_departments(tally, force=force)
    for position, item in enumerate(_read_table("branches")["form_choices"], start=1):
        _save_row(
            tally,
            Branch,
            {"code": item["code"]},
            {
                "label": _curl_apostrophes(item["label"]),
                "dga": dgas[item["dga"]],
                "dashboard": Dashboard(item["dashboard"]),
                "position": position,
            },
            force=force,
        )
    _load_branch_proposals(tally, force=force)
    _load_profiles(tally, force=force)
    _load_platforms(tally, force=force)
    return tally.lines()


def _load_departments(tally: LoadingTally, *, force: bool) -> None:
    delegation_of: dict[str, Delegation] = {}
    for item in _read_table("delegations")["delegations"]:
        delegation = _save_row(
            tally,
            Delegation,
            {"code": item["code"]},
            {
                "name": _curl_apostrophes(item["name"]),
                "email": item["email"],
                "phone": item.get("phone", ""),
            },
            force=force,
        )
        for code in item["departments"]:
            if code in delegation_of:
                raise ValueError(
                    f"Département {code} belongs to two délégations in delegations.json."
                )
            delegation_of[code] = delegation
    departments = sorted(
        _read_table("departments")["departments"],
        key=lambda item: get_department_order(item["code"]),
    )
    for position, item in enumerate(departments, start=1):
        _save_row(
            tally,
            Department,
            {"code": item["code"]},
            {
                "name": _curl_apostrophes(item["name"]),
                "region_name": _curl_apostrophes(item["region_name"] or ""),
                "position": position,
                "selectable": item["selectable"],
                "in_territory": item["opco_mobilites_territory"],
                "delegation": delegation_of.get(item["code"]),
            },
            force=force,
        )


def _load_branch_proposals(tally: LoadingTally, *, force: bool) -> None:
    branches = {branch.code: branch for branch in Branch.objects.all()}
    for item in _read_table("branch_proposals")["proposals"]:
        _save_row(
            tally,
            BranchProposal,
            {"criterion": item["criterion"], "code": item["code"]},
            {
                "label": _curl_apostrophes(item["label"]),
                "branch": branches[item["branch"]],
                "source": _curl_apostrophes(item["source"]),
            },
            force=force,
        )


def _load_profiles(tally: LoadingTally, *, force: bool) -> None:
    for position, item in enumerate(_read_table("profiles")["profiles"], start=1):
        _save_row(
            tally,
            Profile,
            {"code": item["code"]},
            {
                "label": _curl_apostrophes(item["label"]),
                "position": position,
            },
            force=force,
        )


def _load_platforms(tally: LoadingTally, *, force: bool) -> None:
    platforms = {
        code: _save_row(
            tally,
            Platform,
            {"code": code},
            {
                "name": name,
                "description": description,
                "home_url": home_url,
                "signup_url": SIGNUP_URLS.get(code, ""),
                "counts_for_inactivity": counts,
                "roles": [str(role) for role in ROLES_KNOWN.get(code, ())],
                "position": position,
            },
            force=force,
        )
        for position, (code, name, description, home_url, counts) in enumerate(PLATFORMS, start=1)
    }
    # The published links, on this portal: whatever its public address is.
    for item in _read_table("dga")["dga"]:
        owner = MGESTION_TRAINING if item["dashboard"] == Dashboard.OF else MGESTION_COMPANY
        _save_row(
            tally,
            ServiceRule,
            {"origin": OWN_ORIGIN, "path": f"/app/authenticate/{item['service_path']}"},
            {"platform": platforms[owner]},
            force=force,
        )
    _load_roles(tally, platforms, force=force)
    _load_admission(tally, platforms, force=force)


def _load_admission(tally: LoadingTally, platforms: Mapping[str, Platform], *, force: bool) -> None:
    """Which profiles each platform takes, by type of establishment."""
    profiles = {profile.code: profile for profile in Profile.objects.all()}
    for platform, kinds in _read_table("admission")["rules"].items():
        for kind, rules in kinds.items():
            for profile, (role, way_in) in rules.items():
                _save_row(
                    tally,
                    AdmissionRule,
                    {
                        "platform": platforms[platform],
                        "kind": EstablishmentKind(kind),
                        "profile": profiles[profile],
                    },
                    {"role": Role(role), "way_in": WayIn(way_in)},
                    force=force,
                )


def _load_roles(tally: LoadingTally, platforms: Mapping[str, Platform], *, force: bool) -> None:
    """What each role may do: in general, and platform by platform."""
    said = _read_table("roles")
    everywhere: list[tuple[Platform | None, Any]] = [(None, said["general"])]
    for platform, roles in (
        *everywhere,
        *((platforms[code], roles) for code, roles in said["platforms"].items()),
    ):
        for role, lines in roles.items():
            _save_row(
                tally,
                RoleText,
                {"platform": platform, "role": Role(role)},
                {"text": "\n".join(lines)},
                force=force,
            )


def get_department_order(code: str) -> tuple[str, str]:
    """01…19, 2A, 2B, 21…95, 971… : Corsica stands where 20 was."""
    return ("20" if code in ("2A", "2B") else code, code)


def _save_row(
    tally: LoadingTally,
    model: type[_M],
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    force: bool,
) -> _M:
    manager = model._default_manager
    row, created = manager.get_or_create(**key, defaults=dict(values))
    table = str(model._meta.verbose_name_plural)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    mended = [
        name for name in changed if _has_straight_apostrophes(getattr(row, name), values[name])
    ]
    restored = changed if force else mended
    for counts in (tally.created, tally.restored, tally.kept):
        counts.setdefault(table, 0)
    if created:
        tally.created[table] += 1
        return row
    if restored:
        for name in restored:
            setattr(row, name, values[name])
        row.save(update_fields=restored)
        tally.restored[table] += 1
    if len(restored) < len(changed):
        tally.kept[table] += 1
    return row


def _has_straight_apostrophes(found: object, value: object) -> bool:
    """Whether `found` is `value` with the apostrophes of a keyboard."""
    return isinstance(found, str) and _curl_apostrophes(found) == value


def _curl_apostrophes(text: str) -> str:
    return text.replace("'", "’")


def _read_table(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
