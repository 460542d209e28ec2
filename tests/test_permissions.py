"""The permission matrix: every address of the portal, for everybody who may knock (S14, S22).

The table is `tests/permission_table.py`. An address without a row fails, and so does a row without
an address.
"""

import logging
import pickle
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any, cast

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import Template
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver, reverse

from accounts.cas.models import LogoutDelivery, LogoutLane
from accounts.entry.login.backends import PasswordBackend
from accounts.entry.sessions import session_flows
from accounts.entry.sessions.session_store import SessionStore
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.platforms.models import AdmissionRule, RoleText
from accounts.habilitations.reference.models import BranchProposal
from accounts.habilitations.staff import permissions
from accounts.habilitations.staff.models import StaffMember
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms import gate, request_flows
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.enums import Status
from accounts.people.models import AllowedAddress, BlockedPerson, User
from accounts.profile.rights import flows as rights_flows
from lifecycle.models import Hold, LedgerEntry, LifecycleCase, LifecycleRun, Review, StaffProposal
from mgestion.jobs.models import JobRun
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.establishments.models import AccessReview
from registrations.evidence.models import KnownContact
from registrations.receipts import receipt_pdf
from registrations.requests.document_models import AskingTemplate
from registrations.requests.models import RefusalReason, Request
from tests import permission_table
from tests.effort import LONG
from tests.factories.factors import with_factor
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.invitations import make_invitation
from tests.factories.registrations import load_reasons, make_request
from tests.permission_table import PERSONAS

BACKEND = "accounts.entry.login.backends.PasswordBackend"
DRAWN_FOR = ("anonymous", "user", "administrator", "national")
NO_AGENTS = ("holder", "administrator")  # and « user », for whom each address is asked
REFUSALS = ("login", "no", "enrol", "403", "404", "405", "410")
# They look at the address and the token of who calls; nobody's session says anything to them.
ASKED_BY_MACHINES = ("jobs:", "habilitations:api:")
LINKED = ("terms", "privacy", "cookies", "notices", "accessibility")
# Django's own list of translations for scripts, and what is only a fragment for them.
NO_PAGE = {"admin:jsi18n"}
# Of https://html.spec.whatwg.org/#the-time-element, what pages here write: a day, or a moment with
# three decimals at most and its offset.
DATETIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?$")


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield (f"{namespace}{pattern.name}" if pattern.name else route), route


def addresses() -> dict[str, str]:
    """Name → route of every address; the route stands for the name where there is none."""
    return dict(_walk(get_resolver().url_patterns, "/", ""))


@dataclass
class World:
    """Ten people, and one row of everything; the request is of Île-de-France and DGA-AUTO."""

    people: dict[str, User | None]
    request: Request
    rows: dict[str, object]  # model → key of the row that the pages show

    def path(self, route: str) -> str:
        """`route` with the world's own rows in it."""
        model = re.search(r"/admin/\w+/(\w+)/<path:object_id>", route)
        fillings = {
            "<path:object_id>": self.rows.get(model[1], 1) if model else 1,
            "<path:content_type_id>": 1,
            "<str:reference>": self.request.reference,
            "<str:branche>": "automobile",
            "<mailed_key:key>": "cle-fausse",
            "<slug:code>": "m-campus-entreprise" if "demandes" in route else "m-gestion-entreprise",
            "<path:rest>": "modifier/",
            "<slug:slug>": self.rows["termsversion_slug"],
            "<uuid:mail_id>": self.rows["mail"],
            "<int:version_id>": self.rows["termsversion"],
            "<int:view_id>": 0,
            "<slug:key>": self.rows["establishment_key"],
            "<uuid:public_id>": self.rows[
                "access_public_id" if "/acces" in route else "administrator"
            ],
            "<uuid:access_id>": self.rows["access_public_id"],
            "<uuid:upload_id>": uuid.UUID(int=0),
            "<uuid:export_id>": uuid.UUID(int=0),
            "<uuid:request_id>": self.rows[
                "termsrequest" if "termsrequest" in route else "rightsrequest"
            ],
            "<uuid:record_id>": uuid.UUID(int=0),
            "<uuid:invitation_id>": self.rows["invitation"],
            "<uuid:proposal_id>": self.rows["staffproposal"],
            "<uuid:passkey_id>": uuid.UUID(int=0),
            "<slug:kind>": "agent",
            "<int:block_id>": 1,
            "<int:number>": 1,
            "<int:object_id>": self.rows["blockedperson"],
            "<str:mail_kind>": "lifecycle.closed",
            "<slug:word>": _word_of(route),
            "<str:name>": "jobs.purge",
        }
        for hole, filling in fillings.items():
            route = route.replace(hole, str(filling))
        route = re.sub(r"\^\(\?P<app_label>.*", "habilitations/", route)
        route = re.sub(r"\(\?P<url>.*", "n-existe-pas", route)
        assert not set("<>^$()") & set(route), f"{route}: tell World.path what to put there"
        return route


def _word_of(route: str) -> str:
    """The word of an act that the row of `World` allows."""
    words = {"rightsrequest": "repondre", "/access/": "deplacer"}
    return next((word for part, word in words.items() if part in route), "sessions")


def make_world() -> World:
    load_shipped_terms(NOW)
    load_reasons()
    user, holder, administrator = make_user(), make_user(), make_user()
    auditor = make_staff(StaffRole.AUDITOR)
    establishment = make_establishment()
    access = make_access(user=holder, establishment=establishment)
    make_access(user=administrator, establishment=establishment, administrator=True)
    request = make_request(user)
    people = {
        "anonymous": None,
        "pending": make_user(Status.PENDING),
        "user": user,
        "holder": holder,
        "administrator": administrator,
        "reviewer in": make_staff(StaffRole.REVIEWER, delegations=("IDF",)),
        "reviewer out": make_staff(StaffRole.REVIEWER, delegations=("ARA",), dgas=("DGA-URBAIN",)),
        "auditor": auditor,
        "national": make_staff(StaffRole.NATIONAL),
        "reviewer without factor": make_staff(StaffRole.REVIEWER, delegations=("IDF",)),
    }
    allowed = AllowedAddress.objects.create(pattern="@ok.example.org", reason="x", added_at=NOW)
    blocked = BlockedPerson.objects.create(digest="0" * 64, reason="x", blocked_at=NOW)
    facts = {"platform_id": access.platform_id, "tail": "abcdef"}
    ApiToken.objects.create(
        label="x", digest="0" * 64, created_at=NOW, expires_at=NOW + timedelta(days=9000), **facts
    )
    LogoutDelivery.objects.create(
        url="https://x.example.org/", reason="logout", next_at=NOW, queued_at=NOW, **facts
    )
    lane = LogoutLane.objects.create(platform_id=access.platform_id, timeouts=5)
    rows = {
        "access": access.pk,
        "access_public_id": access.public_id,
        "administrator": administrator.public_id,
        "accessreview": AccessReview.objects.create(
            establishment=establishment, opened_at=NOW, due_at=NOW
        ).pk,
        "allowedaddress": allowed.pk,
        "blockedperson": blocked.pk,
        "branch": request.branch_id,
        "branchproposal": _first(BranchProposal),
        "delegation": request.delegation_id,
        "department": request.department_id,
        "dga": request.dga_id,
        "entry": _first(Entry),
        "establishment": establishment.pk,
        "establishment_key": establishment.key,
        "invitation": make_invitation(administrator, establishment).pk,
        "knowncontact": KnownContact.objects.create(
            address="x@ok.example.org", address_key="x@ok.example.org", imported_at=NOW
        ).pk,
        "mail": _first(Mail),
        "platform": Access.objects.get(pk=access.pk).platform_id,
        "profile": request.profile_id,
        "refusalreason": _first(RefusalReason),
        "askingtemplate": _first(AskingTemplate),
        "request": request.pk,
        "roletext": _first(RoleText),
        "admissionrule": _first(AdmissionRule),
        "apitoken": _first(ApiToken),
        "logoutdelivery": _first(LogoutDelivery),
        "logoutlane": lane.pk,
        "staffmember": StaffMember.objects.get(user=auditor).pk,
        "termsacceptance": _first(TermsAcceptance),
        "termsversion": _first(TermsVersion),
        "termsversion_slug": TermsVersion.objects.order_by("pk")[0].slug,
        "rightsrequest": rights_flows.ask_for_right(user, right="access", said="Tout", now=NOW).pk,
        "termsrequest": request_flows.ask_for_old_version(
            email="x@ok.example.org", asked="2024", now=NOW
        ).pk,
        "user": user.pk,
        "jobrun": JobRun.objects.create(job="jobs.purge", slot="x", started_at=NOW).pk,
    }
    rows |= _lifecycle(user)
    return World(people, request, rows)


def _lifecycle(user: User) -> dict[str, object]:
    """One row of each of its tables, about `user`."""
    day, facts = NOW.date(), {"opened_at": NOW, "anchor_ends": NOW}
    case = LifecycleCase.objects.create(
        user=user, cause="inactivity", state="notice_queued", anchor=day, **facts
    )
    return {
        "lifecyclecase": case.pk,
        "hold": Hold.objects.create(user=user, reason="staff", placed_at=NOW).pk,
        "staffproposal": StaffProposal.objects.create(
            user=user, act="erase", reason="asked", proposed_at=NOW, proposed_by=uuid.UUID(int=1)
        ).pk,
        "review": Review.objects.create(kind="agent", user=user, at=NOW).pk,
        "lifecyclerun": LifecycleRun.objects.create(started_at=NOW, trigger="test").pk,
        "ledgerentry": LedgerEntry.objects.create(at=NOW, reference="r", line="held").pk,
    }


def _first(model: Any) -> object:
    return model.objects.order_by("pk").values_list("pk", flat=True)[0]


def outcome(response: HttpResponse) -> str:
    """The table's word for `response`."""
    if response.status_code not in (301, 302, 303, 307, 308):
        return str(response.status_code)
    target = response["Location"]
    if target.startswith("/cas/login"):
        return "login"
    if target.startswith("/compte/second-facteur/?next=%2Fadmin%2F"):
        return "enrol"
    return "no" if target.startswith("/admin/login/") else "go"


class Visit:
    """One persona before every page, with a session that nothing changes.

    Its requests meet the whole stack, without what Django's test client keeps of each template.
    """

    def __init__(self, world: World, persona: str) -> None:
        client = Client()
        user = world.people[persona]
        if user is not None:
            client.force_login(user, backend=BACKEND)
            if persona != "reviewer without factor":
                with_factor(client)
            session = client.session  # stamped as by a first page, else each page would stamp it
            session[session_flows.STARTED] = session[session_flows.SEEN] = int(time.time())
            session.save()
        self.factory = RequestFactory()
        self.factory.cookies = SimpleCookie(client.cookies.output(header=""))
        self.handler = BaseHandler()
        self.handler.load_middleware()

    def ask(self, method: str, path: str) -> HttpResponse:
        request = self.factory.generic(method, path)
        vars(request)["_dont_enforce_csrf_checks"] = True  # as the test client has it
        return cast(HttpResponse, self.handler.get_response(request))


def read_once(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, key: Callable[..., object]
) -> None:
    """What a request changes is undone, so a session, an account, its role and the terms that wait
    for it stay what they are: to read them anew is a third of the time of a request.
    """
    read, kept = getattr(owner, name), dict[object, bytes]()

    def read_or_remember(*given: Any) -> Any:
        known = key(*given)
        if known not in kept:
            kept[known] = pickle.dumps(read(*given))
        return pickle.loads(kept[known])  # noqa: S301 - of our own

    monkeypatch.setattr(owner, name, read_or_remember)


class Door:
    """The guard of the administration, which looks at the account alone; and whom it refused."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refused = set[str]()
        has_permission = admin.AdminSite.has_permission

        def has_permission_and_say(site: Any, request: HttpRequest) -> bool:
            answer = has_permission(site, request)
            if not answer:
                self.refused.add(request.path)
            return answer

        monkeypatch.setattr(admin.AdminSite, "has_permission", has_permission_and_say)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    rows = {address for address, _ in permission_table.rows()}
    assert set(addresses()) - rows == set(), "add their rows to tests/permission_table.py"
    assert rows - set(addresses()) == set(), "these addresses are gone"


@pytest.mark.req("S14", "S22", "S11", "S18", "R64", "R119", "R128", "S41")
@pytest.mark.parametrize("of_tables", [True, False], ids=["pages of tables", "other pages"])
def test_each_persona_gets_what_the_table_says(
    reference: None, settings: Any, monkeypatch: pytest.MonkeyPatch, of_tables: bool
) -> None:
    """Also: a drawn page leads to the terms, privacy and cookies, with moments as HTML asks."""
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True
    drawn = True
    draw = Template.render
    monkeypatch.setattr(
        Template, "render", lambda *args, **named: draw(*args, **named) if drawn else ""
    )
    monkeypatch.setattr(receipt_pdf, "run_drawer", lambda said: b"%PDF")  # a process of its own
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    world, routes, tables = make_world(), addresses(), permission_table.addresses_of_tables()
    pages = {
        row: (world.path(routes[row[0]]), outcomes)
        for row, outcomes in sorted(permission_table.rows().items())
        if row[0] in routes and (row[0] in tables) is of_tables
    }
    visits = [Visit(world, persona) for persona in PERSONAS]
    read_once(monkeypatch, PasswordBackend, "get_user", lambda _, pk: pk)
    read_once(monkeypatch, SessionStore, "load", lambda store: store.session_key)
    read_once(monkeypatch, permissions, "_read_staff", lambda user: user.pk)
    read_once(monkeypatch, gate, "do_terms_wait", lambda user, _: user.pk)
    links = [f'href="{reverse(f"legal:{name}")}"' for name in LINKED]
    surprises, moments = list[str](), set[str]()
    door, shut = Door(monkeypatch), set[tuple[str, str]]()
    for column, persona in enumerate(PERSONAS):
        cache.clear()  # each persona comes from the same address
        for number, ((address, method), (path, outcomes)) in enumerate(pages.items()):
            if address.startswith(ASKED_BY_MACHINES) and persona not in ("anonymous", "national"):
                continue
            if (
                number % 4
                and not LONG
                and (
                    # Its session ends before any view is known: it is « anonymous » there.
                    persona == "pending"
                    # The same guard, asked at the other addresses, refused « user » at this one.
                    or (
                        persona in NO_AGENTS and outcomes[column] == "no" and (path, method) in shut
                    )
                )
            ):
                continue
            drawn = persona in drawn_for(address, method, outcomes)
            # A GET writes nothing, but for single sign-on and for a session that is ended.
            undone = address.startswith("cas:") or persona == "pending"
            undone |= method == "POST" and outcomes[column] not in REFUSALS
            # Not `atomic`: what is recorded apart asks to be outermost.
            savepoint = transaction.savepoint() if undone else None
            door.refused.clear()
            response = visits[column].ask(method, path)
            if savepoint:
                transaction.savepoint_rollback(savepoint)
            found = outcome(response)
            if found != outcomes[column]:
                said = f"the table says {outcomes[column]}"
                surprises.append(f"{persona}: {method} {path}: {found}, {said}")
            if persona == "user" and found == "no" and path in door.refused:
                shut.add((path, method))
            is_page = response.get("Content-Type", "").startswith("text/html")
            if drawn and is_page and (method, found) == ("GET", "200") and address not in NO_PAGE:
                page = response.content.decode()
                surprises += [f"{path}: no link to {link}" for link in links if link not in page]
                moments.update(re.findall(r'<time datetime="([^"]*)"', page))
    surprises += [
        f"{moment}: no moment of HTML" for moment in moments if not DATETIME.match(moment)
    ]
    assert not surprises, "\n".join(surprises)
    assert moments or of_tables


def drawn_for(address: str, method: str, outcomes: tuple[str, ...]) -> list[str]:
    """For whom a page is drawn; else its status alone is asked, which is decided before.

    A page of the administration is drawn for the national administrator and for another of its
    readers; one that is the same for all of them, for one by turns. The answer to an empty form is
    drawn for one, and of the forms of a table for one form.
    """
    readers = [who for who, found in zip(PERSONAS, outcomes, strict=True) if found == "200"]
    if LONG or not readers:
        return readers
    turn = readers[len(address) % len(readers)]
    if method == "POST":
        favoured = next(who for who in (*DRAWN_FOR[::-1], *readers) if who in readers)
        return [] if address in permission_table.forms_like_another() else [favoured]
    if address in permission_table.pages_alike():
        return [turn]
    others = [reader for reader in readers if reader not in DRAWN_FOR]
    chosen = others[len(address) % len(others)] if others and address.startswith("admin:") else ""
    return [who for who in readers if who in DRAWN_FOR or who == chosen]
