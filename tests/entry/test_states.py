"""Each way in × each state of the account: what is answered, and what is never revealed
(`design.md` §3; D30, D33, D42, D50, S8, S19, S20).

Everything was made while the account was open (session, ticket, links, key); then its state
changes, by the column alone: no verb has ended a session or a link, so that each way shows its own
check. States are entered and ways tried from the same rows: savepoints take back what was done.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.http import SimpleCookie
from django.test import Client
from django.urls import reverse

from accounts.entry.limits import rate_limits
from accounts.entry.links import mailed_links
from accounts.entry.login.flows import NEUTRAL
from accounts.entry.models import EntryLink
from accounts.entry.posted_requests import Kind, post_request
from accounts.habilitations.accesses import change_feed
from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.enums import ChangeKind
from accounts.habilitations.platforms.models import Platform
from accounts.leaving.account_erasure import erase_accounts
from accounts.leaving.block_list import hash_address_forms
from accounts.legal.terms.flows import get_current_version
from accounts.people.models import BlockedPerson, User
from lifecycle.models import LifecycleCase
from mgestion.outbox.models import Mail
from tests.factories.cas import SERVICE, issue, make_platform, make_visitor, validate
from tests.factories.habilitations import make_token
from tests.factories.passkeys import Device, enter, give_passkey
from tests.factories.people import NOW, PASSWORD, inside, letters, log_in, settle, sign_in
from tests.rolled_back import rolled_back

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference", "now", "terms"),
    pytest.mark.req("S8", "S20", "D33", "D42", "D50"),
]
LATER = NOW + timedelta(days=3)

STATES = (
    "pending",  # no password yet
    "active",
    "noticed",  # active, the inactivity notice runs
    "idle",  # deactivated for inactivity, until day 15 inclusive
    "late",  # the same, after day 15
    "by admin",
    "closing",
    "suspended",
    "erased",  # as an address that never had an account
    "blocked",  # erased, and on the block list
)

# way · one outcome for each state. In: `in` logged in · `back` and reactivated · `date` only the
# closure's date and a way to give it up · `told` the state, in words · `same` what an unknown
# address is told. Pages that ask for a mail answer the same to all: the kind of mail, or `-`.
# Links: `done` · `no` a page that says what to do, the same for all. Sessions and platforms: `yes`
# or `no`; the API: its status, `off` an account that it says is not active.
TABLE = """
password             same  in     in     back  told  told  date  told  same  same
wrong password       same  same   same   same  same  same  same  same  same  same
passkey              same  in     in     back  told  told  date  told  same  same
passkey of another   same  same   same   same  same  same  same  same  same  same
sign up              mail  known  known  known -     -     known -     mail  -
sign up link         done  no     no     no    no    no    no    no    no    no
reset                mail  reset  reset  reset -     -     reset -     -     -
reset link           no    done   done   done  no    no    done  no    no    no
unlock               -     unlock unlock unlock -    -     -     -     -     -
unlock link          no    done   done   done  no    no    no    no    no    no
loss report          -     loss   loss   loss  -     -     loss  -     -     -
loss link            no    done   done   done  no    no    done  no    no    no
live session         no    yes    yes    no    no    no    no    no    no    no
ticket asked         no    yes    yes    no    no    no    no    no    no    no
ticket validated     no    yes    yes    no    no    no    no    no    no    no
api search           off   200    200    off   off   off   off   off   404   404
api push             409   200    200    409   409   409   409   409   404   404
api feed             yes   yes    yes    yes   yes   yes   yes   yes   no    no
"""


@dataclass
class Case:
    """Somebody in a state, and what was handed out before."""

    state: str
    user: User
    address: str
    cookies: SimpleCookie  # of a live session
    ticket: str
    keys: dict[str, str]
    token: str
    pages: dict[str, set[str]]  # what the pages that ask for a mail have answered, in any state

    @property
    def closed(self) -> bool:
        return self.state in ("erased", "blocked")

    @property
    def live(self) -> Client:
        client = Client()
        client.cookies = SimpleCookie(self.cookies)
        return client


def make_case(platform: Platform, token: str, pages: dict[str, set[str]]) -> Case:
    user = make_visitor(platform)
    live = Client()
    sign_in(live, user.email)
    case = Case(
        state="active",
        user=user,
        address=user.email,
        ticket=issue(live),
        cookies=live.cookies,
        keys={
            purpose: mailed_links.sign_link_key(mailed_links.issue_link(user, purpose, now=NOW))
            for purpose in ("sign_up", "reset", "unlock", "loss")
        },
        token=token,
        pages=pages,
    )
    change_feed.record_access_change(Access.objects.get(user=user), ChangeKind.GRANTED, now=NOW)
    Mail.objects.all().delete()
    return case


def put_in(case: Case) -> None:
    changed: dict[str, dict[str, Any]] = {
        "idle": {"status": "deactivated_inactive", "revivable_until": LATER},
        "late": {"status": "deactivated_inactive", "revivable_until": NOW},
        "by admin": {"status": "deactivated_by_admin", "revivable_until": LATER},
        "closing": {"status": "closing", "revivable_until": LATER},
        "suspended": {"status": "suspended"},
        "pending": {"status": "pending"},
    }
    if facts := changed.get(case.state):
        User.objects.filter(pk=case.user.pk).update(**facts, status_since=NOW)
    if case.state == "noticed":
        LifecycleCase.objects.create(
            user=case.user,
            cause="inactivity",
            state="notice_queued",
            anchor=NOW.date(),
            opened_at=NOW,
            anchor_ends=NOW,
        )
    if case.closed:
        erase_accounts([case.user.pk], cause="closure", now=NOW)
    if case.state == "blocked":
        BlockedPerson.objects.create(
            digest=hash_address_forms(case.address)[0], reason="x", blocked_at=NOW
        )


# --- the ways -------------------------------------------------------------------------------------


def _entered(client: Client, response: Any, case: Case, neutral: str) -> str:
    if response.status_code == 303:
        if "fermeture" in response["Location"]:
            assert SESSION_KEY not in client.session
            assert client.get(response["Location"]).status_code == 200
            return "date"
        assert client.session[SESSION_KEY] == str(case.user.pk)
        user = User.objects.get(pk=case.user.pk)
        assert user.status == "active"
        return "back" if case.state in ("idle", "late") else "in"
    assert SESSION_KEY not in client.session
    page = response.text
    if neutral in page:
        for word in ("suspendu", "désactivé", "fermeture de votre compte", "supprimé"):
            assert word not in page
        return "same"
    return "told"


def password(case: Case, typed: str = PASSWORD) -> str:
    client = Client()
    return _entered(client, log_in(client, case.address, typed), case, NEUTRAL)


def wrong_password(case: Case) -> str:
    return password(case, "Faux-Mot-2026")


def passkey(case: Case, device: Device | None = None) -> str:
    own = Device(handle=case.user.public_id.bytes) if case.closed else give_passkey(case.user)
    client = Client()
    answer = enter(client, device or own)
    return _entered(client, answer, case, "pas été reconnue")


def passkey_of_another(case: Case) -> str:
    return passkey(case, Device(handle=case.user.public_id.bytes))


KINDS = {
    "entry.create_password": "mail",
    "entry.account_exists": "known",
    "entry.reset": "reset",
    "entry.unlock": "unlock",
    "entry.loss_link": "loss",
}


def _mailed(case: Case, way: str, page: str) -> str:
    """The page is the same for all; then what leaves, by the worker and as it would be sent."""
    case.pages[way].add(page)
    EntryLink.objects.all().delete()  # made a moment ago: the next one would wait
    settle(NOW)
    sent = [
        KINDS[mail.kind] for mail in Mail.objects.all() if mail.kind in KINDS and letters(mail.kind)
    ]
    Mail.objects.all().delete()
    return sent[0] if sent else "-"


def sign_up(case: Case) -> str:
    response = Client().post("/inscription/", {"email": case.address, "email2": case.address})
    return _mailed(case, "sign up", f"{response.status_code} {response['Location'].split('?')[0]}")


def reset(case: Case) -> str:
    response = Client().post("/mot-de-passe/oublie/", {"email": case.address})
    return _mailed(case, "reset", f"{response.status_code} {response['Location']}")


def loss_report(case: Case) -> str:
    response = Client().post("/signalement/", {"email": case.address})
    return _mailed(case, "loss", f"{response.status_code} {response['Location']}")


def unlock(case: Case) -> str:
    post_request(
        Kind.UNLOCK, case.address, counter=rate_limits.get_counter_key(case.address, ""), now=NOW
    )
    return _mailed(case, "unlock", "")


NEW = {"password1": "Peniche-Verte-2027", "password2": "Peniche-Verte-2027"}


def _used(response: Any, case: Case) -> str:
    """A link that is worth nothing says no state of the account."""
    if response.status_code == 303:
        return "done"
    page = response.text
    for word in ("suspendu", "désactivé", "fermeture de", "supprimé"):
        assert word not in page.replace("Fermer", "")
    return "no"


def sign_up_link(case: Case) -> str:
    terms = get_current_version(NOW)
    path = reverse("entry:create_password", args=[case.keys["sign_up"]])
    data = {**NEW, "terms": "on", "terms_version": str(terms.pk if terms else "")}
    return _used(Client().post(path, data), case)


def reset_link(case: Case) -> str:
    path = reverse("entry:reset_password", args=[case.keys["reset"]])
    done = _used(Client().post(path, NEW), case)
    user = User.objects.filter(pk=case.user.pk).first()
    assert user is None or user.check_password(NEW["password1"]) == (done == "done")
    return done


def unlock_link(case: Case) -> str:
    return _used(Client().post(reverse("entry:unlock", args=[case.keys["unlock"]])), case)


def loss_link(case: Case) -> str:
    return _used(Client().post(reverse("entry:loss", args=[case.keys["loss"]])), case)


def live_session(case: Case) -> str:
    return "yes" if inside(case.live) else "no"


def ticket_asked(case: Case) -> str:
    response: Any = case.live.get("/cas/login", {"service": SERVICE})
    if response.status_code == 303:
        return "yes" if "ticket=" in response["Location"] else "elsewhere"
    assert "Vous avez déjà un compte" in response.text
    return "no"


def ticket_validated(case: Case) -> str:
    answer = validate(Client(), case.ticket)
    if "authenticationSuccess" in answer:
        return "yes"
    assert case.address not in answer
    assert "INVALID_TICKET" in answer
    return "no"


def _call(case: Case, path: str, body: Any) -> Any:
    return Client().post(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {case.token}"},
    )


def api_search(case: Case) -> str:
    response = _call(case, "habilitations/search", {"email": case.address})
    if response.status_code == 200 and not response.json()["active"]:
        assert "status" not in response.json()  # which state it is, is no platform's matter
        return "off"
    return str(response.status_code)


def api_push(case: Case) -> str:
    at = NOW.isoformat()
    body = {"items": [{"subject": str(case.user.public_id), "at": at}]}
    response = _call(case, "activity", body)
    (result,) = response.json()["results"]
    return str(result["status"])


def api_feed(case: Case) -> str:
    response = Client().get(
        "/api/v1/habilitations/changes", headers={"Authorization": f"Bearer {case.token}"}
    )
    lines = [
        line for line in response.json()["changes"] if line["subject"] == str(case.user.public_id)
    ]
    if case.closed:
        assert lines[-1]["kind"] == "erased"
    return "yes" if lines[0]["habilitation"] else "no"


WAYS: dict[str, Callable[[Case], str]] = {
    way.__name__.replace("_", " "): way
    for way in (
        *(password, wrong_password, passkey, passkey_of_another),
        *(sign_up, sign_up_link, reset, reset_link, unlock, unlock_link, loss_report, loss_link),
        *(live_session, ticket_asked, ticket_validated, api_search, api_push, api_feed),
    )
}


def rows() -> dict[str, dict[str, str]]:
    found = {}
    for line in TABLE.strip().splitlines():
        way, outcomes = line[:20].strip(), line[20:].split()
        found[way] = dict(zip(STATES, outcomes, strict=True))
    return found


def test_each_state_gets_what_the_table_says() -> None:
    platform = make_platform(api_enabled=True)
    token, pages = make_token(platform), defaultdict[str, set[str]](set)
    found: dict[str, dict[str, str]] = {way: {} for way in WAYS}
    open_case = make_case(platform, token, pages)
    for state in STATES:
        case = replace(open_case, state=state, user=User.objects.get())
        with rolled_back():
            put_in(case)
            for way, enter_by in WAYS.items():
                with rolled_back():
                    found[way][state] = enter_by(case)
                cache.clear()
    assert found == rows()
    assert {way: len(answers) for way, answers in pages.items()} == dict.fromkeys(pages, 1)
    assert set(pages) == {"sign up", "reset", "unlock", "loss"}
    assert AccessChange.objects.exists()
