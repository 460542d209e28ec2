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
from datetime import datetime
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import Model

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


@transaction.atomic
def load_reference_tables(now: datetime, force: bool = False) -> list[str]:
    """Create what is missing; with `force`, put edited rows back. Returns what it did, a line per
    table.
    """
    loader = _TableLoader(force)
    dgas = _read_table("dga")["dga"]
    fallback = next(item["code"] for item in dgas if item.get("fallback_for"))
    others = Dga.objects.filter(fallback=True).exclude(code=fallback)
    if force:
        others.update(fallback=False)
    fallback_is_free = not others.exists()  # staff may have given the task to a DGA of their own
    dga_ids = loader.load(
        Dga,
        [
            {
                "code": item["code"],
                "name": _curl_apostrophes(item["name"]),
                "email": item["email"],
                "dashboard": Dashboard(item["dashboard"]),
                "fallback": item["code"] == fallback and fallback_is_free,
            }
            for item in dgas
        ],
        "code",
    )
    _load_departments(loader)
    branch_ids = loader.load(
        Branch,
        [
            {
                "code": item["code"],
                "label": _curl_apostrophes(item["label"]),
                "dga_id": dga_ids[item["dga"]],
                "dashboard": Dashboard(item["dashboard"]),
                "position": position,
            }
            for position, item in enumerate(_read_table("branches")["form_choices"], start=1)
        ],
        "code",
    )
    loader.load(
        BranchProposal,
        [
            {
                "criterion": item["criterion"],
                "code": item["code"],
                "label": _curl_apostrophes(item["label"]),
                "branch_id": branch_ids[item["branch"]],
                "source": _curl_apostrophes(item["source"]),
            }
            for item in _read_table("branch_proposals")["proposals"]
        ],
        "criterion",
        "code",
    )
    _load_platforms(loader)
    return loader.lines


def _load_departments(loader: "_TableLoader") -> None:
    delegations = _read_table("delegations")["delegations"]
    delegation_ids = loader.load(
        Delegation,
        [
            {
                "code": item["code"],
                "name": _curl_apostrophes(item["name"]),
                "email": item["email"],
                "phone": item.get("phone", ""),
            }
            for item in delegations
        ],
        "code",
    )
    delegation_of: dict[str, int] = {}
    for item in delegations:
        for code in item["departments"]:
            if code in delegation_of:
                raise ValueError(
                    f"Département {code} belongs to two délégations in delegations.json."
                )
            delegation_of[code] = delegation_ids[item["code"]]
    departments = _read_table("departments")["departments"]
    departments.sort(key=lambda item: _get_department_order(item["code"]))
    loader.load(
        Department,
        [
            {
                "code": item["code"],
                "name": _curl_apostrophes(item["name"]),
                "region_name": _curl_apostrophes(item["region_name"] or ""),
                "position": position,
                "selectable": item["selectable"],
                "in_territory": item["opco_mobilites_territory"],
                "delegation_id": delegation_of.get(item["code"]),
            }
            for position, item in enumerate(departments, start=1)
        ],
        "code",
    )


def _load_platforms(loader: "_TableLoader") -> None:
    profile_ids = loader.load(
        Profile,
        [
            {"code": item["code"], "label": _curl_apostrophes(item["label"]), "position": position}
            for position, item in enumerate(_read_table("profiles")["profiles"], start=1)
        ],
        "code",
    )
    platform_ids = loader.load(
        Platform,
        [
            {
                "code": code,
                "name": name,
                "description": description,
                "home_url": home_url,
                "signup_url": SIGNUP_URLS.get(code, ""),
                "counts_for_inactivity": counts,
                "roles": [str(role) for role in ROLES_KNOWN.get(code, ())],
                "position": position,
            }
            for position, (code, name, description, home_url, counts) in enumerate(
                PLATFORMS, start=1
            )
        ],
        "code",
    )
    # The published links, on this portal: whatever its public address is.
    loader.load(
        ServiceRule,
        [
            {
                "origin": OWN_ORIGIN,
                "path": f"/app/authenticate/{item['service_path']}",
                "platform_id": platform_ids[
                    MGESTION_TRAINING if item["dashboard"] == Dashboard.OF else MGESTION_COMPANY
                ],
            }
            for item in _read_table("dga")["dga"]
        ],
        "origin",
        "path",
    )
    # What each role may do: in general, and platform by platform.
    said = _read_table("roles")
    texts = [(None, said["general"])]
    texts += [(platform_ids[code], roles) for code, roles in said["platforms"].items()]
    loader.load(
        RoleText,
        [
            {"platform_id": platform_id, "role": Role(role), "text": "\n".join(lines)}
            for platform_id, roles in texts
            for role, lines in roles.items()
        ],
        "platform_id",
        "role",
    )
    # Which profiles each platform takes, by type of establishment.
    loader.load(
        AdmissionRule,
        [
            {
                "platform_id": platform_ids[platform],
                "kind": EstablishmentKind(kind),
                "profile_id": profile_ids[profile],
                "role": Role(role),
                "way_in": WayIn(way_in),
            }
            for platform, kinds in _read_table("admission")["rules"].items()
            for kind, rules in kinds.items()
            for profile, (role, way_in) in rules.items()
        ],
        "platform_id",
        "kind",
        "profile_id",
    )


class _TableLoader:
    """Writes rows of the files, and counts what it did, table by table."""

    def __init__(self, force: bool) -> None:
        self._force = force
        self.lines: list[str] = []

    def load(self, model: type[Model], wanted: list[dict[str, Any]], *key: str) -> dict[Any, Any]:
        """Creates and mends the rows of `model`, which the fields of `key` tell apart. Returns
        their primary keys.
        """
        get_key = attrgetter(*key)
        values_of = {itemgetter(*key)(values): values for values in wanted}
        held = {get_key(row): row for row in model._default_manager.all()}
        missing = [model(**values) for place, values in values_of.items() if place not in held]
        # Another process may load the same rows at this moment.
        model._default_manager.bulk_create(missing, ignore_conflicts=True)
        restored = kept = 0
        for place in values_of.keys() & held.keys():
            changed, mended = self._mend_row(held[place], values_of[place])
            restored += mended > 0
            kept += mended < changed
        keys = {get_key(row): row.pk for row in model._default_manager.all()}
        self.lines.append(
            f"{model._meta.verbose_name_plural}: {len(keys) - len(held)} created, "
            f"{restored} restored, {kept} left as edited"
        )
        return keys

    def _mend_row(self, row: Model, values: Mapping[str, Any]) -> tuple[int, int]:
        """How many values differ, and how many of them were put back."""
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        mended = [
            name
            for name in changed
            if self._force or _has_straight_apostrophes(getattr(row, name), values[name])
        ]
        for name in mended:
            setattr(row, name, values[name])
        if mended:
            row.save(update_fields=mended)
        return len(changed), len(mended)


def _get_department_order(code: str) -> tuple[str, str]:
    """01…19, 2A, 2B, 21…95, 971… : Corsica stands where 20 was."""
    return ("20" if code in ("2A", "2B") else code, code)


def _has_straight_apostrophes(found: object, value: object) -> bool:
    """Whether `found` is `value` with the apostrophes of a keyboard."""
    return isinstance(found, str) and _curl_apostrophes(found) == value


def _curl_apostrophes(text: str) -> str:
    return text.replace("'", "’")


def _read_table(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
