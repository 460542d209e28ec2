"""Acts of those who run the portal."""

from datetime import datetime

from django.db import transaction

from mgestion import slots
from mgestion.errors import WrongState
from mgestion.jobs.flows import ask_run
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.key_uses import KeyUse
from mgestion.operations.acts import OperationsAct


@transaction.atomic
def ask_job_run(job: str, *, actor: Actor, now: datetime) -> None:
    """Has a worker run `job` within half a minute. WrongState when it waits for that already.

    A daily job that succeeded today runs once more.
    """
    if not ask_run(job, now):
        raise WrongState(
            "asked", f"«\u00a0{slots.jobs[job].label}\u00a0» attend déjà son exécution."
        )
    write_journal_entry(
        OperationsAct.JOB_ASKED, actor=actor, object_type="job", object_id=job, now=now
    )


def record_job_command(job: str, now: datetime) -> None:
    """Journals that `manage.py jobs run` is about to run `job`."""
    write_journal_entry(
        OperationsAct.JOB_ASKED,
        actor=Actor.system("command:jobs"),
        object_type="job",
        object_id=job,
        now=now,
    )


def reencrypt_rows(use: KeyUse, now: datetime) -> int:
    """Moves what leans on an old key to the first one, and journals how many rows there were."""
    moved = use.reencrypt() if use.reencrypt is not None else 0
    if moved:
        write_journal_entry(
            OperationsAct.KEYS_ROTATED,
            actor=Actor.system("command:keys"),
            object_type="key",
            object_id=use.variable,
            detail={"rows": moved},
            now=now,
        )
    return moved
