"""Where django-allauth asks this project. It delegates: no rule stands here."""

from datetime import datetime
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.entry.acts import EntryAct
from accounts.entry.gates import closed_gate
from accounts.entry.limits import known_devices, rate_limits
from accounts.entry.login import flows as login_flow
from accounts.entry.login import next_targets
from accounts.entry.login.flows import CountedTry, LoginCircumstances
from accounts.entry.login.pages import get_network_key
from accounts.entry.sessions import session_flows
from accounts.people import account_states
from accounts.people.models import User
from mgestion import slots
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry
from mgestion.web.middleware.client_ip import client_ip

# Whoever was told of a deletion is told that it is off; no mail is asked for it.
REVIVED: Final = (
    "Votre compte avait été désactivé pour inactivité\u00a0: votre connexion l’a réactivé. Il ne "
    "sera pas supprimé, et vos accès sont rétablis avec les mêmes rôles."
)


class SeeOther(HttpResponseRedirect):
    """303: whatever the method was, the browser GETs what follows."""

    status_code = 303


class SeeService(SeeOther):
    """A redirect to a registered service, written as it was received where ASCII allows.

    Django would encode « | » or « { », which browsers leave as they are: the platform would then
    see another address than the one that it sent.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address)
        if address.isascii():
            self["Location"] = address


def get_circumstances(request: HttpRequest, address: str) -> LoginCircumstances:
    try:
        target = next_targets.get_request_target(request).text
    except next_targets.UnknownService:
        target = ""
    return LoginCircumstances(
        device=known_devices.get_device_name(request, address), ip=client_ip(request), target=target
    )


def check_own_password(
    request: HttpRequest, user: User, typed: str, *, wrong: str, now: datetime
) -> None:
    """The signed-in person's password once more: counted like a login's, so that a borrowed screen
    cannot guess it. Raises Refused, which says `wrong` of another password.
    """
    where = get_circumstances(request, user.email)
    try:
        login_flow.try_password(
            user.email, lambda: user if user.check_password(typed) else None, where=where, now=now
        )
    except Refused as refusal:
        raise Refused(
            refusal.code, wrong if refusal.code == "mismatch" else refusal.message
        ) from refusal


class AccountAdapter(DefaultAccountAdapter):
    """allauth keeps its limit per IP and its stages; counting, status and sessions are ours."""

    counted: CountedTry  # by `authenticate`

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # sign-up is `flows.sign_up`

    def get_login_stages(self) -> list[str]:
        # Addresses are proven before a password exists, and nobody logs in by a mailed code:
        # allauth's other stages have nothing to do here.
        return ["accounts.entry.login.stages.SecondFactorStage"]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError("Mails leave through the outbox only.")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what happened themselves."""

    def get_client_ip(self, request: HttpRequest) -> str:
        # allauth refuses a request without an address (a unix socket): ours is counted under one
        # name.
        return client_ip(request) or "0.0.0.0"  # noqa: S104 - an address, none to listen on

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User:
        """Raises ValidationError with the sentence to show, or NetworkRefused. The caller takes
        back what was `counted`, in the transaction of the login.
        """
        address = str(credentials.get("email", ""))
        stock = super().authenticate
        where = get_circumstances(request, address)
        self.counted = counted = CountedTry(
            at=timezone.now(),
            address=rate_limits.get_counter_key(address, where.device),
            networks=(get_network_key(request, "login"),),
        )
        try:
            user = login_flow.compare_password(
                address, lambda: stock(request, **credentials), counted, where=where
            )
            self._check_gate(user, where)
        except Refused as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal
        return user

    def _check_gate(self, user: User, where: LoginCircumstances) -> None:
        try:
            login_flow.check_account_gate(user, where=where, now=self.counted.at)
        except Refused:
            # The password was right: to its network alone this stays a failure.
            rate_limits.clear_counter(self.counted.address)
            raise

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        # Every way in passes here. A revivable account goes on to the second factor, and revives
        # after it.
        if closed_gate(user, None, timezone.now(), factor_shown=True) is not None:
            raise PermissionDenied
        return None

    def login(self, request: HttpRequest, user: User) -> None:
        """After every stage: the login is complete. One transaction; raises Refused when the delay
        just ended.
        """
        now = timezone.now()
        previous = request.session.session_key
        known = bool(known_devices.get_device_name(request, user.email, user))
        first = user.last_login_at is None
        remarks = [remark(user, now) for remark in slots.login_remarks.values()]
        with transaction.atomic(savepoint=False):
            # Held to the end: an erasure at this moment waits and takes this login along, or has
            # come first, and there is nobody left to log in.
            if not account_states.note_login(user.pk, now=now):
                request.session.flush()  # the library noted the address there
                raise Refused("mismatch", login_flow.NEUTRAL)
            revived = account_states.check_sign_in(user, now).revives
            if revived:
                account_states.revive_by_login(user, actor=Actor.person(user), now=now)
                user.backend = "accounts.entry.login.backends.PasswordBackend"
            before = session_flows.find_standing_record(previous, user, now)
            session_flows.end_session_record(previous, reason="replaced", now=now)
            if request.user.is_authenticated:
                # Django keeps the id when the same person logs in again.
                request.session.cycle_key()
            request.session.set_expiry(None)  # it was short on the way in (`keep_briefly`)
            super().login(request, user)
            record = session_flows.open_session_record(request, user, new_device=not known, now=now)
            if before is not None:
                for follow in slots.session_successions.values():
                    follow(before.pk, record.pk)
            if not known and not first:
                login_flow.queue_new_device_mail(user, record, now=now)
            used = session_flows.get_factor_used(request)
            session_flows.stamp_proof(request, now, factor=bool(used))
            user.last_login_at = now
            session_flows.note_login_completed(request)
            write_account_entry(
                EntryAct.LOGIN_SUCCEEDED,
                user.public_id,
                actor=Actor.person(user),
                reason="" if known else "new_device",
                detail={"ip": client_ip(request), **({"factor": used} if used else {})},
                now=now,
            )

        for said in (REVIVED if revived else "", *remarks):
            if said:
                messages.success(request, said, fail_silently=True)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = SeeOther(kwargs["redirect_url"])
        known_devices.remember_device(request, response, user)
        return response
