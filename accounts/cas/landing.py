"""Where a completed login leads."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from accounts.entry.targets import Target
from accounts.habilitations.querysets import mgestion_access
from accounts.models import User


def landing(user: User) -> str:
    """Without a target (D49): the highest room decides; an agent without M-Gestion access goes to
    his work.
    """
    if user.is_staff and mgestion_access(user) is None:
        return reverse(settings.STAFF_LANDING_URL_NAME)
    return reverse(settings.LANDING_URL_NAME)


def destination(request: HttpRequest, user: User, target: Target) -> str:
    """The address to go on to. A platform elsewhere is said to be not reachable from here yet."""
    if target.own_path:
        return target.own_path
    if target.platform is not None:
        messages.info(
            request,
            f"Vous êtes connecté. L’accès direct à {target.platform.name} depuis "
            "cet espace n’est pas encore ouvert\u00a0: "
            "rendez-vous sur la plateforme elle-même.",
        )
    return landing(user)
