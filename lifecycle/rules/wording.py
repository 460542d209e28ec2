"""French for the codes that rows keep: one map for the pages, the panel and the shell."""

from collections.abc import Mapping, Sequence
from typing import Final

from accounts.habilitations.platforms.models import Platform
from lifecycle.enums import (
    RUN_COUNT_LABELS,
    CaseCause,
    CaseOutcome,
    HoldReason,
    LedgerLine,
    ProposalReason,
    Step,
    StepReason,
)
from lifecycle.models import LedgerEntry
from lifecycle.rules.silent_platforms import SilentPlatforms
from mgestion.text.french import counted, enumerated, plural

REASONS: Final = {
    **dict(CaseOutcome.choices),
    **dict(HoldReason.choices),
    **dict(ProposalReason.choices),
    StepReason.NEVER_COMPLETED.value: StepReason.NEVER_COMPLETED.label,
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


def describe_reason(code: str) -> str:
    """The reason of a line of the ledger. A ticket number, typed with `extend`, stays as it is."""
    return str(REASONS.get(code, code))


def describe_trigger(code: str) -> str:
    """What started a run, or wrote a line: « une commande (j.dupont) » when its operator said who
    they are.
    """
    name, _, operator = code.partition(":")
    said = TRIGGERS.get(name, name)
    return f"{said} ({operator})" if operator else said


def describe_ledger_line(entry: LedgerEntry) -> str:
    """What a line of the ledger says: a closure has its own word for putting out of use."""
    if entry.line == LedgerLine.DEACTIVATED and entry.cause == CaseCause.CLOSURE:
        return "compte fermé à la demande de la personne"
    return entry.get_line_display()


def describe_silence(silence: SilentPlatforms) -> str:
    """Why steps of inactivity are not done (D53, D65, D72); "" while every platform tells its
    activity.
    """
    said = []
    if silence.listed:
        said.append(f"aucune étape d’inactivité\u00a0: {_name_silent_platforms(silence.listed)}")
    if silence.others:
        said.append(
            "aucune étape d’inactivité pour qui n’a accès à aucune plateforme qui compte"
            f"\u00a0: {_name_silent_platforms(silence.others)}"
        )
    return "\u202f; ".join(said)


def _name_silent_platforms(platforms: Sequence[Platform]) -> str:
    names = enumerated([platform.name for platform in platforms])
    return f"{names} muette{plural(len(platforms))}"


def describe_breaker(stopped: Mapping[Step, int]) -> str:
    """What the breaker kept from being done; "" when it stopped nothing."""
    if not stopped:
        return ""
    steps = enumerated([f"\u00ab\u00a0{step.label}\u00a0\u00bb" for step in stopped])
    limit = counted(next(iter(stopped.values())), "compte")
    return (
        f"disjoncteur\u00a0: plus de {limit} pour {steps}, rien de tel n’a été fait\u202f; "
        "vérifiez «\u00a0manage.py lifecycle plan\u00a0», "
        "puis «\u00a0run --apply --over-breaker\u00a0»"
    )


def describe_left_over(left: Mapping[Step, int], *, stopped: bool = False) -> str:
    """What the cap of a run left to the next ones; "" when it left nothing. `stopped`: the breaker
    would keep the next one from it.
    """
    if not left:
        return ""
    said = ", ".join(f"{step.label}\u00a0: {number}" for step, number in left.items())
    then = (
        "le disjoncteur arrêterait l’exécution suivante, relancez «\u00a0run --apply "
        "--over-breaker\u00a0»"
        if stopped
        else "l’exécution suivante continue"
    )
    return f"reste à faire, {said}\u202f; {then}"


def describe_failure(one: Mapping[str, str]) -> str:
    """What went wrong with an account, which its ledger reference stands for."""
    step = RUN_COUNT_LABELS.get(one["step"], one["step"])
    return f"{step}, {one['reference']}\u00a0: {_ERRORS.get(one['error'], _UNKNOWN)}"
