"""When the jobs of this application run."""

from mgestion.jobs.scheduled import daily_job

JOBS = {
    "habilitations.tokens": daily_job(
        label="Jetons qui expirent",
        task="accounts.habilitations.tasks.warn_of_token_expiry",
        minute="47",
    ),
    "habilitations.changes": daily_job(
        label="Purge des changements d’accès",
        task="accounts.habilitations.tasks.purge_changes",
        minute="33",
    ),
}
