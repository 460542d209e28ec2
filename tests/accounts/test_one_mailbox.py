"""One key for one mailbox: sign-up, block list, look-ups and existing rows (D15, D58, R82)."""

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.entry.sign_up.forms import AddressForm, SignUpForm
from accounts.leaving.block_list import block_address, is_blocked
from accounts.people.addresses import fold_address, fold_mailbox, is_disposable, list_older_folds
from accounts.people.fields import AddressField
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.outbox.catalogue.rendering import Message
from mgestion.outbox.sending import smtp
from mgestion.text.domains import is_public_name, to_ascii, to_deliverable_address
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import NOW, PASSWORD, client_of, letters, log_in, person, settle

PLAIN = "paul.banni@garage.example.org"
OTHER_DOTS = (
    "paul.banni@garage。example.org",
    "paul.banni@garage．example.org",
    "paul.banni@garage｡example.org",
    "Paul.Banni@GARAGE.Example.org",
    "paul.banni@garage.example.org.",
    "pa\u00adul.banni@garage.exam\u200bple.org",
)
MULLER = (
    "jo@müller.example",
    "jo@MÜLLER.example",
    "jo@xn--mller-kva.example",
    "jo@XN--MLLER-KVA.EXAMPLE",
)


@pytest.mark.req("D15", "D58")
def test_another_dot_is_the_same_mailbox() -> None:
    assert {fold_address(typed) for typed in OTHER_DOTS} == {PLAIN}


@pytest.mark.req("D15")
def test_an_international_domain_has_one_key() -> None:
    assert {fold_address(typed) for typed in MULLER} == {"jo@xn--mller-kva.example"}
    assert to_ascii("straße.example") == "xn--strae-oqa.example"


@pytest.mark.req("D15", "R76")
def test_what_is_no_mailbox_of_the_open_internet_is_refused() -> None:
    for typed in """
    ſylvie.martin@garage.example.org fran\u212a@garage.example.org ｊeanne@garage.example.org
    andré@garage.example.org x@localhost x@[127.0.0.1] x@[10.0.0.5] x@10.0.0.55 x@[IPv6:::1]
    x@intranet x@serveur.local x@db.internal x@imprimante.lan "jeanne"@garage.example.org
    x@garage..example.org
    """.split():
        assert AddressForm({"email": typed}).errors["email"], typed
        assert not SignUpForm({"email": typed, "email2": typed}).is_valid(), typed


def test_ordinary_addresses_pass() -> None:
    for typed in ["jo@müller.example", "a+b@garage.example.org", "j.m@a.co"]:
        assert AddressField().clean(typed) == typed, typed


@given(st.text(max_size=40))
def test_any_text_has_a_key_and_a_mailbox(text: str) -> None:
    for address in (text, f"a@{text}", f"{text}@example.org"):
        assert fold_address(fold_address(address)) == fold_address(address)
        assert fold_mailbox(fold_mailbox(address)) == fold_mailbox(address) or "+" in address
        list_older_folds(address)
        is_public_name(address)
        is_disposable(address)


@pytest.mark.django_db
@pytest.mark.req("S8")
@pytest.mark.usefixtures("now")
def test_nobody_keeps_a_mailbox_by_another_spelling(client: Client) -> None:
    client.post(
        "/inscription/",
        {"email": "ſylvie.martin@garage.example.org", "email2": "ſylvie.martin@garage.example.org"},
    )
    settle()
    assert not User.objects.exists()
    real = "sylvie.martin@garage.example.org"
    client.post("/inscription/", {"email": real, "email2": real})
    settle()
    (letter,) = letters("entry.create_password")
    assert letter.to == real


@pytest.mark.django_db
@pytest.mark.req("R82", "D29", "D30")
@pytest.mark.usefixtures("now")
def test_a_blocked_person_does_not_come_back_by_another_dot(client: Client) -> None:
    block_address(PLAIN, actor=Actor.system("test"), reason="breach", now=NOW)
    assert [typed for typed in OTHER_DOTS if not is_blocked(typed)] == []
    for typed in (OTHER_DOTS[0], OTHER_DOTS[-1]):
        client.post("/inscription/", {"email": typed, "email2": typed})
    settle()
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.req("R82")
def test_a_block_from_before_still_holds(settings: Any) -> None:
    import hashlib
    import hmac

    from accounts.people.models import BlockedPerson

    former = hmac.new(settings.HASH_KEYS[0].encode(), "jo@müller.example".encode(), hashlib.sha256)
    BlockedPerson.objects.create(digest=former.hexdigest(), reason="breach", blocked_at=NOW)
    assert [typed for typed in MULLER if not is_blocked(typed)] == []


@pytest.mark.django_db
@pytest.mark.req("D15", "R76")
@pytest.mark.usefixtures("now")
def test_one_mailbox_has_one_account_and_logs_in_by_either_spelling(client: Client) -> None:
    person("jo.dupont@müller.example")
    other = "jo.dupont@xn--mller-kva.example"
    client.post("/inscription/", {"email": other, "email2": other})
    assert settle()["mailed"] == 1
    assert User.objects.count() == 1
    assert log_in(client, other, PASSWORD).status_code == 303


@pytest.mark.django_db
@pytest.mark.req("D58")
def test_a_mail_goes_to_the_mailbox_of_the_key(settings: Any) -> None:
    connection = mail.get_connection("django.core.mail.backends.locmem.EmailBackend")
    message = Message(to="jo@straße.example", subject="s", text="t", html="<p>h</p>")
    assert smtp.send_message(connection, message, "<x@y>").outcome is smtp.SendOutcome.ACCEPTED
    assert mail.outbox[0].to == ["jo@xn--strae-oqa.example"] == [fold_address("jo@straße.example")]
    assert to_deliverable_address("jo") == "jo"


@pytest.mark.django_db
@pytest.mark.usefixtures("reference")
def test_staff_find_doubles_and_either_spelling() -> None:
    agent = make_staff("national")
    client = client_of(agent)
    make_user(email="jo.dupont@müller.example")
    double = make_user(email="jo.durand@garage.example.org")
    key = "jo.dupont@xn--mller-kva.example en double 2"
    User.objects.filter(pk=double.pk).update(email_key=key)
    page = client.get(reverse("admin:accounts_user_changelist"), {"double": "oui"})
    assert [user.pk for user in page.context["cl"].queryset] == [double.pk]
    page = client.get(reverse("admin:accounts_user_changelist"), {"q": "jo.dupont@MÜLLER。example"})
    assert len(page.context["cl"].queryset) == 2


@pytest.mark.django_db
def test_the_first_administrator_has_a_mailbox_too() -> None:
    with pytest.raises(ValidationError):
        User.objects.create_superuser("root@localhost", "Tramway-Bleu-2026")
