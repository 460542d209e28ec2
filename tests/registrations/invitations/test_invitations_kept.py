"""How long invitations are kept, and what agents do with them."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.habilitations.accesses.models import Establishment
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.invitations import flows
from registrations.invitations.acceptance_flows import accept_invitation
from registrations.invitations.jobs import purge_old_invitations
from registrations.invitations.models import Invitation, InvitationStatus
from tests.factories.accounts import make_newcomer
from tests.factories.factors import with_factor
from tests.factories.habilitations import NOW, make_staff
from tests.factories.invitations import ANSWERS, make_invitation
from tests.factories.people import client_of
from tests.registrations.invitations.conftest import INVITED

pytestmark = pytest.mark.usefixtures("reference")


@pytest.mark.both
@pytest.mark.req("D69", "D62")
def test_old_invitations_go_with_their_mails_but_for_those_behind_a_request(
    invitation: Invitation, inviter: User, garage: Establishment
) -> None:
    unanswered = make_invitation(inviter, garage)
    person = make_newcomer(email=INVITED)
    accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW)
    assert purge_old_invitations(NOW + timedelta(days=14 + 90)) == {"invitations": 0}
    assert purge_old_invitations(NOW + timedelta(days=14 + 92)) == {"invitations": 1}
    assert list(Invitation.objects.all()) == [invitation]
    assert not Mail.objects.filter(subject_id=unanswered.pk).exists()


@pytest.mark.req("D69", "S14", "S22")
def test_agents_of_the_scope_read_and_withdraw(invitation: Invitation) -> None:
    inside = make_staff("reviewer", delegations=("IDF",))
    outside = make_staff("reviewer", delegations=("BRE",), dgas=("DGA-URBAIN",))
    address = "/admin/registrations/invitation/"
    for agent, seen in ((inside, True), (outside, False)):
        browser: Client = with_factor(client_of(agent))
        assert (INVITED in browser.get(address).text) == seen
        assert (INVITED in browser.get(f"{address}?etat=pending&q={INVITED[:4]}").text) == seen
        assert "Garage" not in browser.get(f"{address}?etat=revoked").text
    for who in (outside, make_staff("auditor"), make_newcomer()):
        with pytest.raises(Refused) as refused:
            flows.revoke_invitation_by_staff(invitation.pk, actor=Actor.staff(who), now=NOW)
        assert refused.value.code == "out_of_scope"
    browser = with_factor(client_of(inside))
    assert browser.post(f"{address}{invitation.pk}/retirer/").status_code == 302
    invitation.refresh_from_db()
    assert invitation.status == InvitationStatus.REVOKED
    entry = Entry.objects.get(act="invitation.revoked")
    assert (entry.actor_kind, entry.actor) == ("staff", str(inside.public_id))
