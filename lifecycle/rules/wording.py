"""French words for stored codes, for the admin pages, the panel and the command."""

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
from mgestion.text.french import format_count, join_names, plural_ending

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
    """The reason of a ledger line. A ticket number, typed with `extend`, stays as it is."""
    return str(REASONS.get(code, code))


def describe_trigger(code: str) -> str:
    """What started a run or wrote a line; « une commande (j.dupont) » when the operator gave a
    name.
    """
    name, _, operator = code.partition(":")
    said = TRIGGERS.get(name, name)
    return f"{said} ({operator})" if operator else said


def describe_ledger_line(entry: LedgerEntry) -> str:
    """The text of a ledger line; a deactivation by closure has its own words."""
    if entry.line == LedgerLine.DEACTIVATED and entry.cause == CaseCause.CLOSURE:
        return "compte fermé à la demande de la personne"
    return entry.get_line_display()


def describe_silence(silence: SilentPlatforms) -> str:
    """Why steps of inactivity wait; "" while no platform is silent."""
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
    names = join_names([platform.name for platform in platforms])
    return f"{names} muette{plural_ending(len(platforms))}"


def describe_breaker(stopped: Mapping[Step, int]) -> str:
    """The steps that the breaker stopped; "" when it stopped nothing."""
    if not stopped:
        return ""
    steps = join_names([f"\u00ab\u00a0{step.label}\u00a0\u00bb" for step in stopped])
    limit = format_count(next(iter(stopped.values())), "compte")
    return (
        f"disjoncteur\u00a0: plus de {limit} pour {steps}, rien de tel n’a été fait\u202f; "
        "vérifiez «\u00a0manage.py lifecycle plan\u00a0», "
        "puis «\u00a0run --apply --over-breaker\u00a0»"
    )


def describe_left_over(left: Mapping[Step, int], *, stopped: bool = False) -> str:
    """What the cap left to the next runs; "" when nothing is left. `stopped`: the breaker would
    stop the next run.
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
    """Why a step failed for an account, named by its ledger reference."""
    step = RUN_COUNT_LABELS.get(one["step"], one["step"])
    return f"{step}, {one['reference']}\u00a0: {_ERRORS.get(one['error'], _UNKNOWN)}"
