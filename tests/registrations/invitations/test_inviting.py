"""The administrator's side: who may invite to what, within which limits, and what they learn."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform
from accounts.leaving.block_list import hash_address_forms
from accounts.people.enums import Status
from accounts.people.models import BlockedPerson, User
from mgestion.errors import Refused, WrongState
from mgestion.journal.models import Detail, Entry
from mgestion.outbox.models import Mail
from registrations.invitations import flows
from registrations.invitations.models import Invitation, InvitationStatus
from tests.factories.habilitations import NOW, make_access, make_establishment, make_user
from tests.factories.invitations import make_invitation
from tests.factories.people import client_of, letters
from tests.registrations.invitations.conftest import INVITED
from tests.registrations.pages import cost

pytestmark = pytest.mark.usefixtures("reference")
LIST = "/m-gestion/utilisateurs/invitations/"
NEW = f"{LIST}nouvelle/"
OFFER = "m-gestion-entreprise:ENT-GEST"


def refused(act: Any) -> str:
    with pytest.raises(Refused) as said:
        act()
    return said.value.code


@pytest.mark.req("D69")
def test_an_administrator_invites_and_the_mail_names_who_what_and_until_when(
    client: Client, inviter: User, garage: Establishment, now: Any
) -> None:
    answer = client.post(NEW, {"email": f" {INVITED.upper()} ", "offer": OFFER})
    assert answer.status_code == 302, answer.text
    invitation = Invitation.objects.get()
    assert invitation.role == Role.GESTIONNAIRE and invitation.email_key == INVITED
    page = client.get(LIST).text
    assert "En attente" in page and "31 mars 2026 inclus" in page
    (mail,) = letters(flows.INVITATION_MAIL)
    assert mail.to == INVITED.upper()
    for told in ("Ada Invitante, Administrateur", "Garage fictif du Pont", "M-Gestion"):
        assert told in mail.text
    assert "Gestionnaire" in mail.text
    assert "jusqu’au mardi 31 mars 2026 inclus (heure de Paris)" in mail.text
    assert len(re.findall("/invitation/", mail.text)) == 1
    entry = Entry.objects.get(act="invitation.sent")
    assert entry.actor == str(inviter.public_id)
    assert INVITED not in str(Detail.objects.get(entry=entry).data).lower()


@pytest.mark.req("D69", "R61")
def test_the_head_of_an_hr_firm_invites_consultants_and_nobody_offers_what_is_not_theirs(
    firm: Establishment, inviter: User, garage: Establishment
) -> None:
    head = Access.objects.get(establishment=firm).user
    browser = client_of(head)
    page = browser.get(NEW).text
    assert '<option value="m-gepp-solution:RH-CONS">' in page
    assert "m-gestion-entreprise:" not in page
    assert (
        browser.post(NEW, {"email": INVITED, "offer": "m-gepp-solution:RH-CONS"}).status_code == 302
    )
    assert Invitation.objects.get().role == Role.CONSULTANT
    # Administrator on M-Gestion, and a mere user of M-Contributions: not offered.
    contributions = Platform.objects.get(code="m-contributions")
    make_access(user=inviter, establishment=garage, platform=contributions, dashboard="")
    for platform, profile in (
        ("m-contributions", "ENT-GEST"),
        ("m-gestion-entreprise", "OF-GEST"),
    ):
        offered = partial(make_invitation, inviter, garage, platform=platform, profile=profile)
        assert refused(offered) == "not_offered"
    assert refused(lambda: make_invitation(inviter, firm)) == "not_yours"
    Access.objects.filter(user=inviter).update(ended_at=NOW)
    assert refused(lambda: make_invitation(inviter, garage)) == "not_yours"


@pytest.mark.req("D13", "D69")
def test_the_address_follows_the_rules_of_the_sign_up(client: Client, inviter: User) -> None:
    for address, said in (
        ("compta@garage.example.org", "boîte partagée"),
        ("iris@mailinator.com", "jetables"),
        ("iris.invitee@gmial.com", "Utiliser iris.invitee@gmail.com"),
        ("iris", "signe @"),
        ("", "Indiquez votre adresse"),
    ):
        page = client.post(NEW, {"email": address, "offer": OFFER})
        assert page.status_code == 200 and said in page.text, address
    assert not Invitation.objects.exists()


@pytest.mark.req("S8", "D69")
def test_the_administrator_sees_the_same_whatever_the_address(
    client: Client, inviter: User, garage: Establishment, now: Any
) -> None:
    """Unknown, pending, active, suspended, blocked, and who has the very access."""
    kinds = ("inconnue", "attente", "active", "suspendue", "bloquee", "admise")
    address = {kind: f"{kind}.fictive@exemple.example.org" for kind in kinds}
    make_user(Status.PENDING, email=address["attente"])
    make_user(email=address["active"])
    make_user(Status.SUSPENDED, email=address["suspendue"])
    BlockedPerson.objects.create(
        digest=hash_address_forms(address["bloquee"])[0], reason="x", blocked_at=NOW
    )
    make_access(user=make_user(email=address["admise"]), establishment=garage)
    answers, rows = set(), set()
    for kind in kinds:
        answer = client.post(NEW, {"email": address[kind], "offer": OFFER})
        *_, message = (str(each) for each in get_messages(answer.wsgi_request))
        told = (answer.status_code, answer["Location"], message.replace(address[kind], "…"))
        answers.add(told)
    page = re.sub(r"csrfmiddlewaretoken\" value=\"\w+", "", client.get(LIST).text)
    for kind in kinds:
        (line,) = re.findall(rf">{address[kind]}</span><br>.*?</tr>", page, re.S)
        rows.add(re.sub(r"[0-9a-f-]{36}", "", line.replace(address[kind], "…")))
    assert len(answers) == len(rows) == 1, (answers, rows)
    kept = Invitation.objects.values("status", "expires_at", "sent_at", "role", "sendings")
    assert len({tuple(row.values()) for row in kept}) == 1
    # Only the mailbox's reader can tell: nothing goes to the blocked one, the holder is told.
    sent = {mail.to: mail.text for mail in letters(flows.INVITATION_MAIL)}
    assert set(sent) == {address[kind] for kind in kinds} - {address["bloquee"]}
    assert [to for to, text in sent.items() if "Vous avez déjà cet accès" in text] == [
        address["admise"]
    ]


@pytest.mark.req("D69")
def test_twenty_a_day_one_pending_at_a_time_and_not_oneself(
    inviter: User, garage: Establishment, now: Any, settings: Any
) -> None:
    settings.INVITATIONS_PER_ADMINISTRATOR = (2, timedelta(days=1))
    make_invitation(inviter, garage, email=INVITED, now=now)
    again = partial(make_invitation, inviter, garage, email=INVITED.upper())
    own = partial(make_invitation, inviter, garage, email=inviter.email)
    assert refused(partial(again, now=now)) == "already_invited"
    assert refused(partial(own, now=now)) == "oneself"
    make_invitation(inviter, garage, now=now)
    assert refused(lambda: make_invitation(inviter, garage, now=now)) == "too_many"
    # Once it has expired, another one takes its place.
    later = now + timedelta(days=15)
    assert again(now=later).status == InvitationStatus.PENDING
    assert Invitation.objects.filter(status=InvitationStatus.EXPIRED).count() == 1


@pytest.mark.req("D69")
def test_sent_again_it_lives_its_whole_life_and_withdrawn_it_is_over(
    client: Client, invitation: Invitation, inviter: User, garage: Establishment
) -> None:
    key = garage.key
    address = f"/m-gestion/utilisateurs/{key}/invitations/{invitation.pk}/"
    page = client.post(f"{address}renvoyer/", follow=True).text
    assert "Attendez encore 90" in page
    with time_machine.travel(NOW + timedelta(days=20), tick=False):  # it had expired
        client.force_login(inviter)
        assert "Expirée" in client.get(LIST).text
        client.post(f"{address}renvoyer/")
        invitation.refresh_from_db()
        assert f"{invitation.expires_at:%Y-%m-%d}" == "2026-04-20"
        assert Mail.objects.filter(kind=flows.INVITATION_MAIL).count() == 2
        assert "retirer l’invitation" in client.get(f"{address}retirer/").text.lower()
        client.post(f"{address}retirer/")
        assert "Retirée" in client.get(LIST).text
        assert "déjà retirée" in client.post(f"{address}renvoyer/", follow=True).text
    with pytest.raises(WrongState):
        flows.revoke_invitation(inviter, key, invitation.pk, now=NOW)
    assert letters(flows.INVITATION_MAIL) == []  # nothing leaves any more
    acts = Entry.objects.filter(object_type="invitation").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == [
        "invitation.sent",
        "invitation.resent",
        "invitation.revoked",
    ]


@pytest.mark.req("S14", "D69")
def test_the_invitations_of_another_establishment_or_platform_are_unknown(
    client: Client, invitation: Invitation, garage: Establishment
) -> None:
    stranger, neighbour = make_user(), make_user()
    other = make_establishment()
    make_access(user=stranger, establishment=other, administrator=True)
    make_access(
        user=neighbour,
        establishment=garage,
        administrator=True,
        platform=Platform.objects.get(code="m-contributions"),
        dashboard="",
    )
    for who in (stranger, neighbour):
        browser = client_of(who)
        for place in (garage, other):
            path = f"/m-gestion/utilisateurs/{place.key}/invitations/"
            for act in ("renvoyer", "retirer"):
                assert browser.post(f"{path}{invitation.pk}/{act}/").status_code == 404
    for verb in (flows.resend_invitation, flows.revoke_invitation):
        for who in (stranger, neighbour):
            key = garage.key
            assert refused(partial(verb, who, key, invitation.pk, now=NOW)) == "not_yours"
    # Who looks after the accounts of another platform there reads the list, without acts.
    assert "Renvoyer" not in client_of(neighbour).get(LIST).text
    assert INVITED not in client_of(stranger).get(LIST).text


@pytest.mark.req("D69")
def test_many_invitations_are_listed_in_pages_at_the_same_cost(
    client: Client, invitation: Invitation, inviter: User, garage: Establishment
) -> None:
    before = cost(client, LIST)
    Invitation.objects.bulk_create(
        Invitation(
            establishment=garage,
            platform=invitation.platform,
            profile=invitation.profile,
            role=invitation.role,
            email=f"p{number}@exemple.example.org",
            email_key=f"p{number}@exemple.example.org",
            invited_by=inviter,
            inviter_role=Role.ADMINISTRATEUR,
            invited_at=NOW,
            sent_at=NOW,
            expires_at=NOW + timedelta(days=14),
        )
        for number in range(60)
    )
    assert cost(client, LIST) <= before
    page = client.get(f"{LIST}?page=2").text
    assert "61 invitations" in page and "Page 2 sur 2" in page
