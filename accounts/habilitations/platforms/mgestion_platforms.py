"""Which platforms are M-Gestion: one for companies, one for training establishments."""

from accounts.habilitations.enums import EstablishmentKind

MGESTION_COMPANY = "m-gestion-entreprise"
MGESTION_TRAINING = "m-gestion-of"
MGESTION = (MGESTION_COMPANY, MGESTION_TRAINING)


def get_mgestion_platform_code(kind: str) -> str:
    """The code of the M-Gestion platform of a type of establishment."""
    return MGESTION_COMPANY if kind == EstablishmentKind.ENTREPRISE else MGESTION_TRAINING
