"""Retention periods, and the delays of the lifecycle. « Days » are calendar days of Paris."""

from datetime import timedelta

from mgestion.settings.options import option

PENDING_PURGE = option.period(
    "PENDING_PURGE", 30, 7, 365, "a sign-up without a password is erased after this"
)

# --- retention -----------------------------------------------------------------------------------
RETENTION = {
    "journal": option.period("RETENTION_JOURNAL", 365, 90, 3650, "lines of the journal"),
    "mail_bodies": option.period(
        "RETENTION_MAIL_BODIES", 60, 7, 730, "what mails said, and to whom"
    ),
    "pending_accounts": PENDING_PURGE,
    "ledger": option.period(
        "RETENTION_LEDGER", 1095, 365, 3650, "the lifecycle's ledger, runs and ended procedures"
    ),
    "block_list": option.period(
        "RETENTION_BLOCK_LIST", 1095, 90, 3650, "addresses of the block list, before their review"
    ),
    "uploads": option.period(
        "RETENTION_UPLOADS", 90, 1, 730, "documents of applicants, after the decision"
    ),
    "invitations": option.period(
        "RETENTION_INVITATIONS", 90, 1, 730, "invitations of which no request came, once over"
    ),
    "known_contacts": option.period(
        "RETENTION_KNOWN_CONTACTS", 730, 30, 1825, "the imported list of contacts, since its import"
    ),
    "backups": option.period(
        "RETENTION_BACKUPS",
        30,
        1,
        365,
        "database backups, as the privacy page says it; yours to do",
    ),
    "rights_requests": option.period(
        "RETENTION_RIGHTS_REQUESTS", 1095, 365, 3650, "rights requests, after their answer"
    ),
    "terms_requests": option.period(
        "RETENTION_TERMS_REQUESTS", 365, 1, 1825, "requests for an old version of the terms"
    ),
    "access_reviews": option.period(
        "RETENTION_ACCESS_REVIEWS", 1095, 365, 3650, "closed reviews of accesses, but the latest"
    ),
    "access_changes": option.period(
        "RETENTION_ACCESS_CHANGES",
        1095,
        90,
        3650,
        "lines of what platforms are told of their accesses; who read none since starts anew",
    ),
    "allowed_addresses": option.period(
        "RETENTION_ALLOWED_ADDRESSES", 365, 30, 1825, "allowed addresses that became no account"
    ),
}
EXPORT_LIFE = timedelta(hours=24)  # how long an export can be downloaded
EXPORTS_PER_DAY = option.count(
    "EXPORTS_PER_DAY", 3, 1, 50, "copies of their data that a person may ask for in 24 hours"
)

# --- lifecycle: calendar months and days, Paris time ---------------------------------------------
# A kill switch, like `lifecycle hold --all`.
LIFECYCLE_ENABLED = option.switch(
    "LIFECYCLE_ENABLED", "on", "the kill switch: steps and deadlines stop, the days are given back"
)
LIFECYCLE_RULES = {
    # The terms of use say these three: a change of them is a new version of the terms.
    "idle_months": 24,
    "notice_days": 15,
    "grace_days": 15,
    "pending_days": PENDING_PURGE.days,
    "remind_days": option.days(
        "LIFECYCLE_REMIND_DAYS", 3, 1, 14, "a sign-up without a password is reminded after this"
    ),
    "letter_days": option.days(
        "LIFECYCLE_LETTER_DAYS", 5, 0, 30, "from posting a letter to its presumed reception"
    ),
    "staff_idle_days": option.days(
        "LIFECYCLE_STAFF_IDLE_DAYS",
        90,
        30,
        365,
        "an agent who has not logged in for so long is disabled",
    ),
}
# A review of the agents opens on the 1st of these months, for so many days.
REVIEW_MONTHS = option.months(
    "REVIEW_MONTHS", "1,7", "a review of the agents opens on the 1st of these months"
)
REVIEW_DAYS = option.days("REVIEW_DAYS", 30, 7, 180, "how long that review lasts")
REVIEW_SUSPENSION_MONTHS = 24
LIFECYCLE_OFFICE_DAYS = option.weekdays(
    "LIFECYCLE_OFFICE_DAYS", "mon,tue,wed,thu,fri", "days on which steps that send a mail run"
)
LIFECYCLE_OFFICE_HOURS = option.hours(
    "LIFECYCLE_OFFICE_HOURS", "8-19", "hours of Paris in which steps that send a mail run"
)
LIFECYCLE_BATCH = 1000
LIFECYCLE_CAP = option.count(
    "LIFECYCLE_CAP", 5000, 1, 1_000_000, "accounts that one run touches in one kind of step"
)
LIFECYCLE_BREAKER_SHARE = option.share(
    "LIFECYCLE_BREAKER_SHARE",
    "2%",
    "0.1%",
    "50%",
    "of all accounts; a run that would touch more stops",
)
LIFECYCLE_BREAKER_FLOOR = option.count(
    "LIFECYCLE_BREAKER_FLOOR", 100, 1, 100_000, "accounts below which the share stops nothing"
)
# A platform that has not pushed for so long stops the steps of inactivity, also for the grace
# period after it resumes: the first push is often incomplete.
LIFECYCLE_SILENCE = option.duration(
    "LIFECYCLE_SILENCE", "7d", "1d", "90d", "a platform without a push for so long is silent"
)
LIFECYCLE_SILENCE_GRACE = option.duration(
    "LIFECYCLE_SILENCE_GRACE", "1d", "0s", "30d", "and holds the steps so long after it resumes"
)
LIFECYCLE_SWEEP_MINUTE = "7"  # of each hour
LIFECYCLE_SETTLE_EVERY = timedelta(minutes=5)
