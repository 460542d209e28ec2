"""Lives of links and sessions, and the limits that slow guessing down (docs/security.md)."""

from datetime import timedelta

from mgestion.settings.options import option

PASSKEY_CHALLENGE_LIFE = timedelta(minutes=5)
PASSKEYS_PER_PERSON = option.count("PASSKEYS_PER_PERSON", 10, 1, 50, "passkeys of one person")
STAFF_SECOND_FACTOR_REQUIRED = True  # no admin page without one
RECENT_PROOF = timedelta(minutes=10)  # after a login, credentials may be changed this long

SIGN_UP_LINK_LIFE = option.duration(
    "SIGN_UP_LINK_LIFE", "72h", "2h", "14d", "the mailed link that creates a password", whole="h"
)
RESET_LINK_LIFE = option.duration(
    "RESET_LINK_LIFE", "60min", "10min", "24h", "the other mailed links", whole="min"
)
MAILED_CODE_LIFE = option.duration(
    "MAILED_CODE_LIFE", "15min", "5min", "60min", "the mailed code of eight digits", whole="min"
)
MAILED_CODE_TRIES = option.count(
    "MAILED_CODE_TRIES", 5, 1, 10, "wrong codes before a new one is needed"
)
FACTOR_PROBATION = option.duration(
    "FACTOR_PROBATION", "7d", "1d", "90d", "a reported loss sets aside factors younger than this"
)
LINK_COOLDOWN = option.duration(
    "LINK_COOLDOWN", "90s", "2s", "1h", "between two mailed links of one person and purpose"
)
LINK_CAP = option.rate("LINK_CAP", "5/15min", "mailed links of one person and purpose")
MAILS_PER_MAILBOX = option.rates(
    "MAILS_PER_MAILBOX", "5/1h,20/1d", "mails that visitors may have sent to one mailbox"
)
SESSION_IDLE = option.duration(
    "SESSION_IDLE", "2h", "15min", "12h", "a session without activity ends"
)
SESSION_ABSOLUTE = option.duration(
    "SESSION_ABSOLUTE", "10h", "1h", "24h", "a session ends, active or not"
)
SESSION_SEEN_EVERY = timedelta(minutes=5)
# URLs polled by open pages: not an activity for SESSION_IDLE.
BEATS = ("admin:registrations_request_still_here", "admin:registrations_request_changes")
KNOWN_DEVICE_LIFE = option.duration(
    "KNOWN_DEVICE_LIFE", "365d", "1d", "390d", "a browser that logged in stays known (13 months)"
)
LOGIN_FREE_FAILURES = option.count(
    "LOGIN_FREE_FAILURES", 4, 1, 20, "wrong passwords in a row without delay"
)
LOGIN_MAX_FAILURES = option.count(
    "LOGIN_MAX_FAILURES", 10, 3, 100, "in a row, then only a mailed link opens"
)
LOGIN_FIRST_DELAY = option.duration(
    "LOGIN_FIRST_DELAY", "1min", "1s", "1h", "the first delay, doubled by each failure"
)
LOGIN_MAX_DELAY = option.duration(
    "LOGIN_MAX_DELAY", "15min", "1s", "24h", "the longest delay between two passwords"
)
# Answers do not tell success from failure, so that all calls count: 20 a minute, enough for a class
# that signs up together behind one IP address.
SIGN_UPS_PER_IP = option.rate("SIGN_UPS_PER_IP", "200/10min", "sign-ups of one network")
RESETS_PER_IP = option.rate("RESETS_PER_IP", "200/10min", "resets of one network")
LOGINS_PER_IP = option.rate(
    "LOGINS_PER_IP", "30/1min", "failed logins of one network; a success undoes its own count"
)
TERMS_REQUESTS_PER_IP = option.rate(
    "TERMS_REQUESTS_PER_IP", "5/1h", "requests for an old version of the terms, of one network"
)
DOMAIN_TYPOS = True
API_CALLS_PER_MINUTE = option.count(
    "API_CALLS_PER_MINUTE", 120, 1, 100_000, "calls of one token of a platform"
)
