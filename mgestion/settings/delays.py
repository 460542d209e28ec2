"""How long things are kept, and when an account is warned, deactivated, deleted."""

from datetime import timedelta

PENDING_PURGE = timedelta(days=30)  # D40

# --- retention (D62), all settings ---------------------------------------------------------------
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
    "allowed_addresses": timedelta(days=365),  # of those that have never become an account
}
EXPORT_LIFE = timedelta(hours=24)  # how long a copy of one's data waits for its reader
EXPORTS_PER_DAY = 3

# --- lifecycle (D17, D18, D40, D53, D61): delays in calendar months and days of Paris ------------
LIFECYCLE_RULES = {
    "idle_months": 24,
    "notice_days": 15,
    "grace_days": 15,
    "pending_days": PENDING_PURGE.days,
    "remind_days": 3,
    "letter_days": 5,  # after its posting a letter counts as received (D71)
    "staff_idle_days": 90,
}
# The 1st of these months a review of the agents opens, for so many days (D61); D30.
REVIEW_MONTHS = (1, 7)
REVIEW_DAYS = 30
REVIEW_SUSPENSION_MONTHS = 24
LIFECYCLE_OFFICE_DAYS = (0, 1, 2, 3, 4)  # steps that send a mail are done from Monday to Friday…
LIFECYCLE_OFFICE_HOURS = (8, 19)  # …from 8 h to 19 h, Paris time
LIFECYCLE_BATCH = 1000
LIFECYCLE_CAP = 5000  # accounts per kind of step and run
LIFECYCLE_BREAKER_SHARE = 0.02  # of all accounts: a run that would touch more stops by itself
LIFECYCLE_BREAKER_FLOOR = 100
# Without a push for so long, no step of inactivity is done (D53, D72), nor for so long after the
# platform is heard again: its first calls seldom tell everything, and people may still log in.
LIFECYCLE_SILENCE = timedelta(days=7)
LIFECYCLE_SILENCE_GRACE = timedelta(days=1)
LIFECYCLE_SWEEP_MINUTE = "7"  # of each hour
LIFECYCLE_SETTLE_EVERY = timedelta(minutes=5)
