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
    "outbox.purge": daily_job(
        label="Purge du contenu des e-mails",
        task="mgestion.outbox.tasks.purge_mail_bodies",
        minute="27",
    ),
}
