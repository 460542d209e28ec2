"""The accounts, accesses and requests that `make load` finds; run in the portal's environment."""

from __future__ import annotations

from typing import Final

HOLDERS: Final = 200
AGENTS: Final = 40
REQUESTS: Final = 100
PASSWORD: Final = "Tramway-Bleu-2026"
SERVICE: Final = "https://contributions.example.org/app/entree"
SCRIPT: Final = f"""
import django; django.setup()
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from accounts.habilitations.enums import StaffRole
from accounts.legal.terms.flows import accept_version, get_current_version
from accounts.legal.models import TermsAcceptance
from accounts.people.models import User
from mgestion.journal.actors import Actor
from tests.factories.cas import make_platform
from tests.factories.factors import SECRET, give_factor
from tests.factories.habilitations import make_access, make_staff, make_user
from tests.factories.registrations import make_request
now, hashed = timezone.now(), make_password({PASSWORD!r})
platform = make_platform()
dates = dict(status_since=now, clock_from=now, created_at=now)
people = [make_user(email=f"porteur{{n}}.fictif@garage.example.org", password=None, **dates)
          for n in range({HOLDERS})]
for person in people:
    make_access(user=person, platform=platform, dashboard="", granted_at=now)
    make_access(user=person, granted_at=now)
agents = [make_user(email=f"agent{{n}}.fictif@opco.example.org", password=None, **dates)
          for n in range({AGENTS})]
for agent in agents:
    give_factor(make_staff(StaffRole.NATIONAL, user=agent), now=now)
User.objects.filter(pk__in=[one.pk for one in [*people, *agents]]).update(password=hashed)
version = get_current_version(now)
for person in User.objects.filter(email__startswith="porteur"):
    accept_version(person, version, where=TermsAcceptance.Where.GATE, actor=Actor.person(person),
                   now=now)
for _ in range({REQUESTS}):
    make_request(now=now, company_name="Garage Lumière")
print(SECRET)
"""
