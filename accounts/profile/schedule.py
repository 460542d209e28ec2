"""When the sweeps run: a person waits for the copy; the DPO reads in the morning."""

from datetime import timedelta

from django.conf import settings

from mgestion.jobs.scheduled import ClockTime, ScheduledJob

JOBS = {
    "profile.exports": ScheduledJob(
        label="Copies de données",
        task="accounts.profile.tasks.build_exports",
        every=timedelta(seconds=3 if settings.EMBEDDED else 10),
        late_after=timedelta(minutes=10),
    ),
    "profile.purge": ScheduledJob(
        label="Purge des copies de données",
        task="accounts.profile.tasks.purge_exports",
        every=timedelta(minutes=5),
        late_after=timedelta(minutes=30),
    ),
    "profile.rights": ScheduledJob(
        label="Demandes d’exercice de droits",
        task="accounts.profile.tasks.remind_and_purge_rights_requests",
        at=ClockTime(minute="22", hour="6-23"),
        late_after=timedelta(hours=32),
    ),
}
