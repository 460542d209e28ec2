"""The demo's register of rights requests, by the real verbs at past moments. All invented."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.entry.demo import make_account
from accounts.habilitations.demo import AGENTS
from accounts.habilitations.enums import StaffRole
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.profile.enums import Channel, Right
from accounts.profile.rights import flows as rights_flows
from mgestion.demo import Demo, DemoAccount
from mgestion.journal.actors import Actor
from mgestion.text.dates import paris_date

PASSWORD: Final = "Demo-Droits-2026"  # noqa: S105  # printed on purpose, for invented people
WAITING: Final = "jade.fictive@depot-chimere.example.org"
ANSWERED: Final = "simon.exemple@depot-chimere.example.org"
ACCOUNTS: Final = (
    DemoAccount(
        WAITING,
        PASSWORD,
        "Droits exercés",
        "«\u00a0Mes données\u00a0»\u00a0: une demande d’accès en cours",
    ),
    DemoAccount(
        ANSWERED,
        PASSWORD,
        "Droits exercés",
        "«\u00a0Mes données\u00a0»\u00a0: une rectification, avec sa réponse",
    ),
)


@transaction.atomic
def load_demo_rights(now: datetime) -> None:
    """One that waits, one that is late, one with its answer; made once."""
    if User.objects.with_address(WAITING) is not None:
        return
    dpo = _get_dpo()
    waiting = make_account(WAITING, PASSWORD, "Jade", "Fictive", now=now - timedelta(days=90))
    answered = make_account(ANSWERED, PASSWORD, "Simon", "Exemple", now=now - timedelta(days=80))

    # The clock counts months of the calendar: 40 days are more than any of them.
    came = now - timedelta(days=40)
    late = rights_flows.enter_rights_request(
        None,
        name="Irène Imaginaire",
        contact="3 rue Inventée, 00000 Ville-Fictive",
        right=Right.ERASURE,
        channel=Channel.POST,
        said="Je ne travaille plus dans la branche. Effacez tout ce qui me concerne.",
        received_on=paris_date(came),
        actor=dpo,
        now=came,
    )
    rights_flows.acknowledge_rights_request(late.pk, actor=dpo, now=came + timedelta(days=1))

    came = now - timedelta(days=25)
    settled = rights_flows.enter_rights_request(
        answered,
        name="",
        contact="",
        right=Right.RECTIFICATION,
        channel=Channel.EMAIL,
        said="Mon numéro de téléphone a changé, et je n’arrive plus à le corriger moi-même.",
        received_on=paris_date(came),
        actor=dpo,
        now=came,
    )
    rights_flows.answer_rights_request(
        settled.pk,
        text="Votre ancien numéro est retiré de votre compte. Vous pouvez saisir le nouveau sur la "
        "page «\u00a0Mon compte\u00a0».",
        actor=dpo,
        now=came + timedelta(days=9),
    )

    rights_flows.ask_for_right(
        waiting,
        right=Right.ACCESS,
        said="Je voudrais savoir quelles données vous gardez sur moi, et jusqu’à quand.",
        now=now - timedelta(days=6),
    )


def _get_dpo() -> Actor:
    address = next(agent.email for agent in AGENTS if agent.role == StaffRole.DPO)
    agent = User.objects.with_address(address)
    if agent is None or agent.status != Status.ACTIVE:
        raise LookupError("the demo's agents are loaded first")
    return Actor.staff(agent)


RIGHTS: Final = Demo(load_demo_rights, ACCOUNTS)
