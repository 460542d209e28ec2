"""When the jobs of the outbox run."""

from datetime import timedelta

from mgestion.jobs.scheduled import Queue, ScheduledJob, daily_job

JOBS = {
    "outbox.deliver": ScheduledJob(
        label="Envoi des e-mails",
        task="mgestion.outbox.tasks.deliver_mails",
        every=timedelta(seconds=2),
        late_after=timedelta(minutes=5),
        queue=Queue.MAIL,
    ),
    "outbox.bounces": ScheduledJob(
        label="Lecture des e-mails revenus",
        task="mgestion.outbox.tasks.read_bounces",
        every=timedelta(minutes=5),
        # The alarm « bounces » says sooner that the mailbox cannot be read.
        late_after=timedelta(hours=24),
    ),
    "outbox.purge": daily_job(
        label="Purge des e-mails",
        task="mgestion.outbox.tasks.purge_mails",
        minute="27",
    ),
}
