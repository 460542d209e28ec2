"""Where a completed login leads when no platform waits for it."""

from django.conf import settings
from django.urls import reverse

from accounts.entry.login.next_targets import NextTarget
from accounts.habilitations.accesses.querysets import find_mgestion_access
from accounts.people.models import User


def get_landing_url(user: User) -> str:
    """Without a target: the highest package decides; an agent without M-Gestion access goes
    to their work.
    """
    if user.is_staff and find_mgestion_access(user) is None:
        return reverse(settings.STAFF_LANDING_URL_NAME)
    return reverse(settings.LANDING_URL_NAME)


def get_destination_url(user: User, target: NextTarget) -> str:
    """The address of this portal to go on to. A service is entered through the login page, which
    knows its gates: a login that has stages of its own comes back there.
    """
    if target.service:
        return target.to("cas:login")
    return target.next or get_landing_url(user)
