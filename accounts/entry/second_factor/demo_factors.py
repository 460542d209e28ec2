"""The demo's agents have a second factor whose secret is no secret: a page shows their codes."""

import base64
import hashlib
from datetime import datetime
from typing import Final

from accounts.entry.second_factor import factors
from accounts.habilitations.demo import AGENTS
from accounts.people.models import User
from mgestion.demo import Demo


def get_demo_secret(email: str) -> str:
    """Made from the address, so that tests and the page know it without reading the database."""
    digest = hashlib.sha1(f"demo:{email}".encode(), usedforsecurity=False).digest()
    return base64.b32encode(digest).decode()


def load_factors(now: datetime) -> None:
    """For the agents that have none: one set up on a telephone of theirs stays."""
    for agent in AGENTS:
        user = User.objects.with_address(agent.email)
        if user is not None and not factors.has_factor(user):
            factors.install_application(user, get_demo_secret(agent.email), step=0, now=now)


FACTORS: Final = Demo(
    load_factors,
    note="Les agents saisissent ensuite un code\u00a0: ceux du moment sont sur la page /codes/",
)
