"""Retention periods, and the delays of the lifecycle."""

from datetime import timedelta

PENDING_PURGE = timedelta(days=30)

# --- retention -----------------------------------------------------------------------------------
RETENTION = {
    "journal": timedelta(days=365),
    "mail_bodies": timedelta(days=60),
    "pending_accounts": PENDING_PURGE,
    "ledger": timedelta(days=3 * 365),
    "block_list": timedelta(days=3 * 365),
    "uploads": timedelta(days=90),
    "backups": timedelta(days=30),
    "rights_requests": timedelta(days=3 * 365),  # after the answer
    "terms_requests": timedelta(days=365),
    "allowed_addresses": timedelta(days=365),  # that never became an account
}
EXPORT_LIFE = timedelta(hours=24)  # how long an export can be downloaded
EXPORTS_PER_DAY = 3

# --- lifecycle: calendar months and days, Paris time ---------------------------------------------
LIFECYCLE_RULES = {
    "idle_months": 24,
    "notice_days": 15,
    "grace_days": 15,
    "pending_days": PENDING_PURGE.days,
    "remind_days": 3,
    "letter_days": 5,  # from posting to presumed reception
    "staff_idle_days": 90,
}
# A review of the agents opens on the 1st of these months, for so many days.
REVIEW_MONTHS = (1, 7)
REVIEW_DAYS = 30
REVIEW_SUSPENSION_MONTHS = 24
LIFECYCLE_OFFICE_DAYS = (0, 1, 2, 3, 4)  # steps that send a mail run from Monday to Friday…
LIFECYCLE_OFFICE_HOURS = (8, 19)  # …from 8 h to 19 h, Paris time
LIFECYCLE_BATCH = 1000
LIFECYCLE_CAP = 5000  # accounts per kind of step and run
LIFECYCLE_BREAKER_SHARE = 0.02  # of all accounts; a run that would touch more stops
LIFECYCLE_BREAKER_FLOOR = 100
# A platform that has not pushed for so long stops the steps of inactivity, also for the grace
# period after it resumes: the first push is often incomplete.
LIFECYCLE_SILENCE = timedelta(days=7)
LIFECYCLE_SILENCE_GRACE = timedelta(days=1)
LIFECYCLE_SWEEP_MINUTE = "7"  # of each hour
LIFECYCLE_SETTLE_EVERY = timedelta(minutes=5)
