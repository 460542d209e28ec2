"""How the portal's own calls to other servers are named: firewalls refuse a call without a name."""

from django.conf import settings


def user_agent() -> str:
    """The `User-Agent` header of every outgoing call, with the address of the portal."""
    return f"M-Gestion (+{settings.PUBLIC_URL})"
