"""Settings that hold one by one and not together."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def check_consistency(settings: Mapping[str, Any]) -> None:
    """Raises ImproperlyConfigured with every contradiction, one sentence each."""
    rules = settings["LIFECYCLE_RULES"]
    rules_of_settings = (
        (
            settings["SESSION_IDLE"] <= settings["SESSION_ABSOLUTE"],
            "SESSION_IDLE is longer than SESSION_ABSOLUTE: it would never end a session.",
        ),
        (
            settings["LOGIN_FREE_FAILURES"] < settings["LOGIN_MAX_FAILURES"],
            "LOGIN_FREE_FAILURES must be smaller than LOGIN_MAX_FAILURES.",
        ),
        (
            settings["LOGIN_FIRST_DELAY"] <= settings["LOGIN_MAX_DELAY"],
            "LOGIN_FIRST_DELAY is longer than LOGIN_MAX_DELAY.",
        ),
        (
            settings["LINK_COOLDOWN"] <= settings["LINK_CAP"][1],
            "LINK_COOLDOWN is longer than the period of LINK_CAP.",
        ),
        (
            settings["SIGN_UP_LINK_LIFE"] <= settings["PENDING_PURGE"],
            "SIGN_UP_LINK_LIFE is longer than PENDING_PURGE: a link would outlive its sign-up.",
        ),
        (
            rules["remind_days"] < rules["pending_days"],
            "LIFECYCLE_REMIND_DAYS must be shorter than PENDING_PURGE.",
        ),
        (
            settings["ACCESS_REVIEW_REMINDER_DAYS"] < settings["ACCESS_REVIEW_DAYS"],
            "ACCESS_REVIEW_REMINDER_DAYS must be shorter than ACCESS_REVIEW_DAYS.",
        ),
        (
            settings["ACCESS_REVIEW_DAYS"] < 28 * settings["ACCESS_REVIEW_MONTHS"],
            "ACCESS_REVIEW_DAYS is longer than ACCESS_REVIEW_MONTHS: reviews would overlap.",
        ),
        (
            settings["UPLOAD_MAX_FILES"] <= settings["UPLOADS_PER_REQUEST"],
            "UPLOAD_MAX_FILES is larger than UPLOADS_PER_REQUEST.",
        ),
    )
    wrong = [sentence for holds, sentence in rules_of_settings if not holds]
    if wrong:
        raise ImproperlyConfigured(" ".join(wrong))
