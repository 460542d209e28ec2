"""French for the codes that rows keep: one map for the pages, the panel and the shell."""

from collections.abc import Mapping, Sequence
from typing import Final

from accounts.habilitations.platforms.models import Platform
from lifecycle.engine.reconciling import Source, Trouble
from lifecycle.enums import COUNTED, Cause, HoldReason, Line, Outcome, ProposalReason, Step, Why
from lifecycle.models import LedgerEntry
from lifecycle.rules.silent_platforms import Silence
from mgestion.text.dates import french_moment
from mgestion.text.french import counted, enumerated, plural

REASONS: Final = {
    **dict(Outcome.choices),
    **dict(HoldReason.choices),
    **dict(ProposalReason.choices),
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
    """What started a run, or wrote a line: « une commande (j.dupont) » when its operator said who
    they are.
    """
    name, _, operator = code.partition(":")
    said = TRIGGERS.get(name, name)
    return f"{said} ({operator})" if operator else said


def line(entry: LedgerEntry) -> str:
    """What a line of the ledger says: a closure has its own word for putting out of use."""
    if entry.line == Line.DEACTIVATED and entry.cause == Cause.CLOSURE:
        return "compte fermé à la demande de la personne"
    return entry.get_line_display()


def silent(silence: Silence) -> str:
    """Why steps of inactivity are not done (D53, D65, D72); "" while every platform tells its
    activity.
    """
    said = []
    if silence.listed:
        said.append(f"aucune étape d’inactivité\u00a0: {_mute(silence.listed)}")
    if silence.others:
        said.append(
            "aucune étape d’inactivité pour qui n’a accès à aucune plateforme qui compte"
            f"\u00a0: {_mute(silence.others)}"
        )
    return "\u202f; ".join(said)


def _mute(platforms: Sequence[Platform]) -> str:
    names = enumerated([platform.name for platform in platforms])
    return f"{names} muette{plural(len(platforms))}"


def breaker(stopped: Mapping[Step, int]) -> str:
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


def left_over(left: Mapping[Step, int], *, stopped: bool = False) -> str:
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


def source(one: Source) -> str:
    """Which list of erasures was read, and how far it goes."""
    newest = one.extent.newest
    until = f", la plus récente du {french_moment(newest)}" if newest else ""
    return f"Liste des effacements {one.path}\u00a0: {counted(one.extent.lines, 'ligne')}{until}."


_TROUBLES: Final = {
    Trouble.MISSING: "Ce fichier n’existe pas\u00a0: personne ne sait qui effacer à nouveau.",
    Trouble.EMPTY: "Ce fichier ne contient aucun effacement\u00a0: personne ne sait qui effacer à "
    "nouveau.",
    Trouble.OLDER: "Ce fichier est plus ancien que le registre restauré, qui connaît un effacement "
    "plus récent\u00a0: il en manque.",
}
TROUBLES: Final = {
    trouble: f"{words} Retrouvez le bon fichier (ERASURE_LIST)\u202f; si celui-ci est le bon, "
    "ajoutez --accept-list."
    for trouble, words in _TROUBLES.items()
}


def failure(one: Mapping[str, str]) -> str:
    """What went wrong with an account, which its ledger reference stands for."""
    step = COUNTED.get(one["step"], one["step"])
    return f"{step}, {one['reference']}\u00a0: {_ERRORS.get(one['error'], _UNKNOWN)}"
