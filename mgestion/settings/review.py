"""Delays of the review of requests, reviews of accesses, the company directory, contacts."""

from datetime import timedelta

from mgestion.settings.options import option

# The portal promises « jusqu’à 48 h » on its pages and in its mails: no variable.
REVIEW_DUE = timedelta(hours=48)
REVIEW_AMBER = option.duration(
    "REVIEW_AMBER", "24h", "1h", "47h", "a request turns amber and its agent is reminded"
)
ASKING_DAYS = option.days(
    "ASKING_DAYS", 15, 1, 60, "to send a document that was asked, unless the agent says otherwise"
)
ACCESS_REVIEW_MONTHS = option.count(
    "ACCESS_REVIEW_MONTHS", 6, 1, 24, "months between two reviews of an establishment's accesses"
)
ACCESS_REVIEW_DAYS = option.days(
    "ACCESS_REVIEW_DAYS", 30, 7, 180, "to answer it; then the délégation sees it as late"
)
ACCESS_REVIEW_REMINDER_DAYS = option.days(
    "ACCESS_REVIEW_REMINDER_DAYS", 15, 1, 179, "after the opening, one reminder"
)
INVITATION_DAYS = option.days(
    "INVITATION_DAYS", 14, 1, 60, "an invitation is good until the end of that day, Paris time"
)
INVITATIONS_PER_ADMINISTRATOR = option.rate(
    "INVITATIONS_PER_ADMINISTRATOR", "20/1d", "invitations of one administrator"
)
INVITATIONS_PER_MAILBOX = option.rate(
    "INVITATIONS_PER_MAILBOX", "10/1d", "invitations to one mailbox, whoever sends them"
)
COMPANY_DIRECTORY_TIMEOUT = 3.0  # seconds, for the whole exchange
COMPANY_CACHE = option.duration(
    "COMPANY_CACHE", "24h", "1h", "30d", "an answer of the company directory serves so long"
)
# A search on a form, for somebody who waits.
COMPANY_SEARCH_TIMEOUT = 2.0  # seconds in all
COMPANY_SEARCHES_PER_PERSON = option.rate(
    "COMPANY_SEARCHES_PER_PERSON", "60/10min", "searches of one person in the company directory"
)
COMPANY_FAILURES = 3  # searches in a row without an answer; then a pause, and one search tries
COMPANY_FIRST_PAUSE = timedelta(minutes=1)  # doubled by each try that fails
COMPANY_LONGEST_PAUSE = timedelta(minutes=10)
COMPANY_FIRST_RETRY = timedelta(minutes=2)
COMPANY_MAX_RETRY = timedelta(hours=6)
CONTACT_EMAIL = option.email(
    "CONTACT_EMAIL", "contact@opcomobilites.fr", "the address that pages and mails give for help"
)
CONTACT_URL = option.https_url(
    "CONTACT_URL", "https://www.opcomobilites.fr/contact", "the contact form of the OPCO"
)
DPO_EMAIL = option.email(
    "DPO_EMAIL", "dpo@opcomobilites.fr", "the data protection officer: shown, and told of requests"
)
