"""The portal that is scanned: production's processes with the people of the demo, in a database
that is thrown away, and sessions of somebody in each role.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.outbox.sink import Sink
from tests.servers.postgres import postgres_server
from tests.servers.redis import redis_server
from tests.servers.stack import Stack, production_stack
from tests.servers.visitor import Visitor

# A scanner asks more often than any person may: it would otherwise see refusals only.
_LIMITS: Final = {
    "LOGINS_PER_IP": "100000/1min",
    "SIGN_UPS_PER_IP": "100000/10min",
    "RESETS_PER_IP": "100000/10min",
    "TERMS_REQUESTS_PER_IP": "100000/1h",
    "ANSWERS_PER_PERSON": "100000/1h",
    "MESSAGES_PER_PERSON": "100000/1h",
    "COMPANY_SEARCHES_PER_PERSON": "100000/10min",
    "INVITATIONS_PER_ADMINISTRATOR": "100000/1d",
    "INVITATIONS_PER_MAILBOX": "100000/1d",
}
# The demo refuses production: its passwords are published. Here both live for minutes.
_DEMO: Final = """
import django; django.setup()
from django.utils import timezone
from mgestion import slots
for demo in slots.demo.values():
    demo(timezone.now())
"""
_CODE: Final = """
import sys, time, django; django.setup()
from accounts.entry.second_factor.demo_factors import get_demo_secret
from accounts.entry.second_factor.factors import get_code_at
print(get_code_at(get_demo_secret(sys.argv[1]), time.time()))
"""
_ADDRESSES: Final = """
import json, django; django.setup()
from django.urls import NoReverseMatch, reverse
from tests import permission_table
found = set()
for name, method in permission_table.rows():
    try:
        found.add(reverse(name))
    except NoReverseMatch:
        pass
print(json.dumps(sorted(found)))
"""


@dataclass(frozen=True)
class Role:
    """Somebody of the demo; no address is nobody."""

    name: str
    address: str = ""
    password: str = "Demo-Usager-2026"
    agent: bool = False


ANONYMOUS: Final = Role("anonymous")
APPLICANT: Final = Role("applicant", "lea.fictive@garage-lumiere.example.org")
HOLDER: Final = Role("holder and administrator", "ada.fictive@cycles-orion.example.org")
AGENT: Final = Role("agent", "nadia.fictive@opco.example.org", "Demo-Nationale-2026", agent=True)
ROLES: Final = (ANONYMOUS, APPLICANT, HOLDER, AGENT)


@dataclass(frozen=True)
class ScannedPortal:
    stack: Stack
    addresses: list[str]  # of the permission table: those without a parameter

    def open_session(self, role: Role) -> Visitor:
        visitor = Visitor(self.stack.url, self.stack.authority)
        if not role.address:
            return visitor
        page = visitor.submit(
            visitor.get("/admin/" if role.agent else "/cas/login"),
            "password",
            username=role.address,
            password=role.password,
        )
        if role.agent:
            code = self.stack.run("-c", _CODE, role.address).strip()
            page = visitor.submit(page, "code", code=code)
        assert page.status == 200 and "/cas/login" not in page.url, (role.name, page.url)
        return visitor


@contextlib.contextmanager
def open_portal(folder: Path) -> Iterator[ScannedPortal]:
    with ExitStack() as opened:
        sink = opened.enter_context(Sink())
        stack = opened.enter_context(
            production_stack(
                folder,
                database_url=opened.enter_context(postgres_server()).url,
                redis_url=opened.enter_context(redis_server()).url,
                smtp_url=sink.url,
                body_max="2MB",
                WEB_PROCESSES="2",
                **_LIMITS,
            )
        )
        stack.run("-c", _DEMO)
        yield ScannedPortal(stack, json.loads(stack.run("-c", _ADDRESSES)))
