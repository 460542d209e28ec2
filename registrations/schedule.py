"""When the sweeps of this room run: nobody is told of a delay long after it began."""

from datetime import timedelta

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="registrations.clock",
        task="registrations.tasks.clock",
        every=timedelta(minutes=5),
        late_after=timedelta(minutes=30),
    ),
    Scheduled(
        job="registrations.digest",
        task="registrations.tasks.digest",
        at=At(minute="30", hour="8-11", weekday="1-5"),  # the first that succeeds
        late_after=timedelta(days=4),  # from Friday's to Monday's, and an hour of failures
    ),
    Scheduled(
        job="registrations.askings",
        task="registrations.tasks.askings",
        every=timedelta(minutes=10),
        late_after=timedelta(hours=1),
    ),
    Scheduled(
        job="registrations.orphans",
        task="registrations.tasks.orphans",
        at=At(minute="41"),
        late_after=timedelta(hours=26),
    ),
    Scheduled(
        job="registrations.files",
        task="registrations.tasks.files",
        at=At(minute="27"),
        late_after=timedelta(hours=26),
    ),
    Scheduled(
        job="registrations.companies",
        task="registrations.tasks.companies",
        every=timedelta(seconds=30),
        late_after=timedelta(minutes=30),
    ),
    Scheduled(
        job="registrations.reviews",
        task="registrations.tasks.access_reviews",
        at=At(minute="23", hour="9-16", weekday="1-5"),  # a few hundred mails each time
        late_after=timedelta(days=4),  # from Friday's last to Monday's, and hours of failures
    ),
]
