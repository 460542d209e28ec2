"""What each of the seven roles may do, for the public page (R58, R59, R78)."""

from dataclasses import dataclass
from typing import Final

from accounts.habilitations.enums import Role


@dataclass(frozen=True, slots=True)
class RolePage:
    """One role as people read it. `mgestion` empty: the role is not held on M-Gestion."""

    role: Role
    who: str
    mgestion: tuple[str, ...]
    elsewhere: str


ROLES: Final = (
    RolePage(
        Role.GESTIONNAIRE,
        "La personne qui suit les dossiers de formation d’une entreprise, d’un CFA ou d’un "
        "organisme "
        "de formation.",
        (
            "Ouvrir le tableau de bord de son établissement.",
            "Consulter et suivre les dossiers de formation de cet établissement.",
            "Retrouver sa demande d’inscription et joindre sa délégation.",
        ),
        "C’est le rôle le plus courant, et le seul accordé d’office à un CFA ou à un organisme de "
        "formation.",
    ),
    RolePage(
        Role.ADMINISTRATEUR,
        "La personne qui répond des comptes de son établissement.",
        (
            "Faire tout ce que fait un gestionnaire.",
            "Être prévenue de chaque nouvel accès ouvert pour son établissement.",
            "Demander la désactivation ou la réactivation d’un compte de son établissement, "
            "jamais du "
            "sien.",
        ),
        "Accordé après vérification de vos pouvoirs : l’instructeur peut vous demander un "
        "justificatif.",
    ),
    RolePage(
        Role.ADHERENT,
        "Le salarié d’une entreprise adhérente qui a besoin de consulter, sans rien modifier.",
        ("Consulter le tableau de bord et les dossiers de son établissement, sans les modifier.",),
        "Rôle habituel des entreprises sur M-Campus et M-GEPP Solution.",
    ),
    RolePage(
        Role.PARTENAIRE,
        "L’organisme de formation qui présente son offre aux entreprises de la mobilité.",
        (),
        "Rôle de M-Campus OF.",
    ),
    RolePage(
        Role.CABINET_COMPTABLE,
        "Le cabinet mandaté par une entreprise pour ses déclarations.",
        (),
        "Rôle de M-Contributions. M-Gestion n’accepte aucune demande d’un cabinet comptable.",
    ),
    RolePage(
        Role.ADMINISTRATEUR_CABINET_RH,
        "Le responsable d’un cabinet de ressources humaines retenu par OPCO Mobilités dans un "
        "marché "
        "public.",
        (),
        "Rôle de M-GEPP Solution. Il ne se choisit pas : OPCO Mobilités l’attribue.",
    ),
    RolePage(
        Role.CONSULTANT,
        "Le consultant d’un cabinet de ressources humaines retenu par OPCO Mobilités.",
        (),
        "Rôle de M-GEPP Solution, pour les entreprises que son cabinet accompagne.",
    ),
)
