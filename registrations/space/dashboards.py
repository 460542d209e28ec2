"""The texts of each M-Gestion dashboard. No text announces a feature."""

from dataclasses import dataclass
from typing import Final

from accounts.habilitations.enums import Dashboard


@dataclass(frozen=True, slots=True)
class DashboardContent:
    title: str
    icon: str
    lead: str
    points: tuple[str, ...]


DASHBOARD_CONTENTS: Final[dict[str, DashboardContent]] = {
    Dashboard.AUTOMOBILE: DashboardContent(
        "M-Gestion Automobile",
        "car",
        "L’espace des entreprises des services de l’automobile.",
        (
            "Garages, concessions, contrôle technique, auto-écoles, cycle et motocycle\u00a0: "
            "votre branche est celle des services de l’automobile.",
            "Vos dossiers de formation et d’apprentissage se gèrent au nom de l’établissement "
            "affiché ici\u00a0: si son SIRET n’est pas le bon, écrivez à votre délégation.",
        ),
    ),
    Dashboard.TRANSPORT: DashboardContent(
        "M-Gestion Transport",
        "truck",
        "L’espace des entreprises de transport, de logistique et de voyage.",
        (
            "Route, rail, mer, fleuve, ports, tourisme\u00a0: votre branche est indiquée "
            "avec votre établissement.",
            "Vos dossiers de formation et d’apprentissage se gèrent au nom de l’établissement "
            "affiché ici\u00a0: si son SIRET n’est pas le bon, écrivez à votre délégation.",
        ),
    ),
    Dashboard.URBAIN: DashboardContent(
        "M-Gestion Urbain",
        "bus",
        "L’espace des réseaux de transport urbain de voyageurs.",
        (
            "Réseaux urbains et RATP\u00a0: un même réseau compte souvent plusieurs "
            "établissements, et chacun a son accès.",
            "Vos dossiers de formation et d’apprentissage se gèrent au nom de l’établissement "
            "affiché ici\u00a0: si son SIRET n’est pas le bon, écrivez à votre délégation.",
        ),
    ),
    Dashboard.OF: DashboardContent(
        "M-Gestion OF",
        "building",
        "L’espace des CFA et des organismes de formation.",
        (
            "Les dossiers que les entreprises confient à votre établissement se suivent en son "
            "nom.",
            "Un CFA et un organisme de formation au même SIRET ont chacun leur accès\u00a0: "
            "vérifiez le type de l’établissement affiché ici.",
        ),
    ),
}


def get_dashboard_content(dashboard: str) -> DashboardContent:
    return DASHBOARD_CONTENTS[Dashboard(dashboard)]
