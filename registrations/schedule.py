"""When the jobs of registrations run, and after how long without success they count as late."""

from datetime import timedelta

from mgestion.jobs.scheduled import ClockTime, ScheduledJob, daily_job

JOBS = {
    "registrations.clock": ScheduledJob(
        label="Délais des demandes",
        task="registrations.tasks.watch_due_times",
        every=timedelta(minutes=5),
        late_after=timedelta(minutes=30),
    ),
    "registrations.digest": ScheduledJob(
        label="Récapitulatifs aux agents",
        task="registrations.tasks.send_digests",
        at=ClockTime(minute="30", hour="8-11", weekday="1-5"),  # the first that succeeds
        late_after=timedelta(days=4),  # from Friday's to Monday's, and an hour of failures
    ),
    "registrations.askings": ScheduledJob(
        label="Pièces demandées",
        task="registrations.tasks.follow_document_requests",
        every=timedelta(minutes=10),
        late_after=timedelta(hours=1),
    ),
    "registrations.orphans": ScheduledJob(
        label="Établissements sans administrateur",
        task="registrations.tasks.report_lost_administrators",
        at=ClockTime(minute="41"),
        late_after=timedelta(hours=26),
    ),
    "registrations.files": daily_job(
        label="Purge des pièces", task="registrations.tasks.purge_files", minute="27"
    ),
    "registrations.invitations": daily_job(
        label="Purge des invitations", task="registrations.tasks.purge_invitations", minute="37"
    ),
    "registrations.response_times": ScheduledJob(
        label="Mesure des délais de réponse",
        task="registrations.tasks.measure_delegations",
        at=ClockTime(minute="53"),
        late_after=timedelta(hours=26),
    ),
    "registrations.hint_figures": daily_job(
        label="Poids des signaux", task="registrations.tasks.count_hints", minute="47"
    ),
    "registrations.companies": ScheduledJob(
        label="Annuaire des entreprises",
        task="registrations.tasks.look_up_companies",
        every=timedelta(seconds=30),
        late_after=timedelta(minutes=30),
    ),
    "registrations.reviews": ScheduledJob(
        label="Vérifications des accès",
        task="registrations.tasks.advance_access_reviews",
        at=ClockTime(minute="23", hour="9-16", weekday="1-5"),  # a few hundred mails each time
        late_after=timedelta(days=4),  # from Friday's last to Monday's, and hours of failures
    ),
}
