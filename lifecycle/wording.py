"""French for the codes that rows keep: one map for the pages, the panel and the shell."""

from collections.abc import Mapping, Sequence
from typing import Final

from lifecycle.enums import COUNTED, HoldReason, Outcome, Why
from mgestion.french import enumerated, plural

REASONS: Final = {
    **dict(Outcome.choices),
    **dict(HoldReason.choices),
    Why.NEVER_COMPLETED.value: Why.NEVER_COMPLETED.label,
    "reconciled": "de nouveau effacé après une sauvegarde restaurée",
    "restored": "sauvegarde restaurée",
}
TRIGGERS: Final = {
    "beat": "le planificateur",
    "command": "une commande",
    "demo": "la démonstration",
    "lifecycle": "le portail",
}
_ERRORS: Final = {
    "OperationalError": "la base de données a interrompu l’écriture",
    "IntegrityError": "la base de données a refusé l’écriture",
    "Refused": "refusé par une règle",
    "WrongState": "le compte a changé d’état entre-temps",
}
_UNKNOWN: Final = "erreur imprévue, détaillée dans les journaux techniques"


def reason(code: str) -> str:
    """The reason of a line of the ledger. A ticket number, typed with `extend`, stays as it is."""
    return str(REASONS.get(code, code))


def trigger(code: str) -> str:
    """What started a run."""
    return TRIGGERS.get(code, code)


def silent(platforms: Sequence[str]) -> str:
    """Why no notice leaves (D53); "" while every platform tells its activity."""
    if not platforms:
        return ""
    words = f"muette{plural(len(platforms))}"
    return f"pas d’avertissement\u00a0: {enumerated(platforms)} {words}"


def failure(one: Mapping[str, str]) -> str:
    """What went wrong with an account, which its ledger reference stands for."""
    step = COUNTED.get(one["step"], one["step"])
    return f"{step}, {one['reference']}\u00a0: {_ERRORS.get(one['error'], _UNKNOWN)}"
