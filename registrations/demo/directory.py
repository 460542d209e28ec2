"""The demo's company directory: invented companies behind the interface of the public search, so
that the portal asks it over HTTP as it asks the real one. Only the embedded mode serves it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from mgestion.text.search_words import strip_accents
from registrations.demo.words import NAF
from registrations.requests.models import Request

_MOST: Final = 25


@dataclass(frozen=True, slots=True)
class DemoCompany:
    siret: str
    name: str
    department: str
    activity: str
    conventions: tuple[str, ...] = ()
    street: str = "1 RUE INVENTEE"
    closed_on: str = ""
    hidden: bool = False

    @property
    def siren(self) -> str:
        return self.siret[:9]


# The README says what each shows.
COMPANIES: Final = (
    DemoCompany("73282932000074", "GARAGE D'ESSAI (FICTIF)", "75", "45.20A", ("1090",)),
    DemoCompany(
        "73282932000082", "GARAGE D'ESSAI (FICTIF)", "92", "45.20A", ("1090",),
        street="14 QUAI IMAGINAIRE",
    ),
    DemoCompany(
        "73282932000090", "GARAGE D'ESSAI (FICTIF)", "75", "45.20A", ("1090",),
        street="3 IMPASSE DU SOUVENIR", closed_on="2024-06-30",
    ),
    DemoCompany("99990100200017", "CABINET BALANCE (FICTIF)", "69", "69.20Z", ("0787",)),
    DemoCompany("99990101000010", "TRANSPORTS DE LA LUNE (FICTIF)", "44", "49.41A", ("0016",)),
    DemoCompany("99990102800012", "BUS DE L'ETOILE (FICTIF)", "13", "49.31Z", ("1424",)),
    DemoCompany("99990103600015", "", "33", "45.40Z", hidden=True),
)  # fmt: skip


@login_not_required
@require_safe
def demo_directory_view(request: HttpRequest) -> JsonResponse:
    """`q`: a SIRET, a SIREN or words of a name; `departement` limits a search by name."""
    wanted = request.GET.get("q", "").strip()[:200]
    place = request.GET.get("departement", "")
    found = [
        company
        for company in _list_companies()
        if _matches(company, wanted) and place in ("", company.department)
    ][:_MOST]
    by_siren: dict[str, list[DemoCompany]] = {}
    for company in found:
        by_siren.setdefault(company.siren, []).append(company)
    results = [_write_unit(companies) for companies in by_siren.values()]
    return JsonResponse({"results": results, "total_results": len(results), "page": 1})


def _list_companies() -> Iterable[DemoCompany]:
    """Those above, and the establishments of the demo's requests."""
    yield from COMPANIES
    known = {company.siret for company in COMPANIES}
    rows = Request.objects.order_by("siret", "pk").values_list(
        "siret", "company_name", "department_id", "branch__code", "department__name"
    )
    for siret, name, department, branch, town in rows:
        if siret not in known:
            known.add(siret)
            shown = strip_accents(name).upper()
            activity = NAF.get(branch or "", NAF["automobile"])
            street = f"1 RUE INVENTEE, {strip_accents(town).upper()}"
            yield DemoCompany(siret, shown, department, activity, street=street)


def _matches(company: DemoCompany, wanted: str) -> bool:
    if wanted.isdigit():
        return len(wanted) in (9, 14) and company.siret.startswith(wanted)
    name = strip_accents(company.name.casefold())
    words = strip_accents(wanted.casefold()).split()
    return bool(words) and not company.hidden and all(word in name for word in words)


def _write_unit(companies: list[DemoCompany]) -> dict[str, Any]:
    first = companies[0]
    places = [_write_place(company) for company in companies]
    return {
        "siren": first.siren,
        "nom_complet": "" if first.hidden else first.name,
        "nom_raison_sociale": None if first.hidden else first.name,
        "etat_administratif": "A",
        "activite_principale": first.activity,
        "statut_diffusion": "P" if first.hidden else "O",
        "siege": places[0],
        "matching_etablissements": places,
    }


def _write_place(company: DemoCompany) -> dict[str, Any]:
    return {
        "siret": company.siret,
        "activite_principale": company.activity,
        "adresse": "[ND]" if company.hidden else f"{company.street} ({company.department})",
        "departement": company.department,
        "etat_administratif": "F" if company.closed_on else "A",
        "date_fermeture": company.closed_on or None,
        "liste_idcc": list(company.conventions) or None,
        "statut_diffusion_etablissement": "P" if company.hidden else "O",
    }
