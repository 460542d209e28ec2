"""Sign-up: from the address typed twice to the first login."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client

from accounts.entry.models import EntryLink, PostedRequest
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.sign_up.forms import CreatePasswordForm
from accounts.leaving import block_list
from accounts.leaving.block_list import hash_address_forms
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.people.enums import Status
from accounts.people.models import AllowedAddress, BlockedPerson, User
from mgestion.outbox.models import Mail
from tests.factories.people import (
    ADDRESS,
    NOW,
    PASSWORD,
    letters,
    log_in,
    path_in,
    pending,
    person,
    settle,
)
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db


def post(client: Client, email: str = ADDRESS, email2: str | None = None, **more: str) -> Any:
    return client.post(
        "/inscription/", {"email": email, "email2": email if email2 is None else email2, **more}
    )


@pytest.mark.req("R5", "R6", "R7", "R3", "R4")
def test_the_four_prerequisites_are_on_the_sign_up_page(client: Client) -> None:
    text = client.get("/inscription/").text
    assert "branche automobile ou transport" in text
    assert "d’un CFA ou d’un organisme de formation" in text
    assert "(URL) de M-Gestion" in text
    assert "adresse e-mail nominative" in text


REFUSED: list[tuple[str, str | None, tuple[str, ...]]] = [
    (
        ADDRESS,
        "jeanne.martn@garage.example.org",
        ("Les deux adresses sont différentes", "jeanne.martn@garage", "<title>Erreur"),
    ),
    ("jeanne", "jeanne@garage", ("signe @", ".fr ou .com")),
    (
        "compta@garage.example.org",
        None,  # with the reason, an example and a way to contest
        ("boîte partagée", "prenom.nom@", "refusée à tort", "www.opcomobilites.fr/contact"),
    ),
    ("jeanne.martin@mailinator.com", None, ("jetables",)),
]


@pytest.mark.req("R6", "R17", "D13", "S45")
def test_an_address_is_refused_in_words(client: Client) -> None:
    for email, email2, said in REFUSED:
        text = post(client, email, email2).text
        assert [words for words in said if words not in text] == [], email
    assert not PostedRequest.objects.exists()


@pytest.mark.req("S45", "S17")
def test_a_badly_written_address_is_told_once_with_how_to_mend_it(client: Client) -> None:
    text = post(client, "jeanne martin@garage.example.org").text
    assert "Votre saisie comporte une erreur" in text
    assert text.count("Retirez les espaces.") == 2  # in the summary, and by the field
    assert "refusée à tort" not in text


@pytest.mark.req("D13")
def test_an_address_on_the_allow_list_passes(client: Client) -> None:
    AllowedAddress.objects.create(pattern="compta@garage.example.org", reason="seul", added_at=NOW)
    assert post(client, "compta@garage.example.org").status_code == 303


def test_a_slip_in_the_domain_is_asked_about_once_and_never_blocks(client: Client) -> None:
    response = post(client, "jeanne.martin@gmial.com")
    text = response.text
    assert response.status_code == 200
    assert "Utiliser jeanne.martin@gmail.com" in text
    assert "Garder mon adresse" in text
    assert not PostedRequest.objects.filter(kind=Kind.SIGN_UP).exists()
    assert post(client, "jeanne.martin@orangee.fr", choice="keep").status_code == 303
    assert post(client, "jeanne.martin@gmial.com", choice="use").status_code == 303
    emails = set(PostedRequest.objects.filter(kind=Kind.SIGN_UP).values_list("email", flat=True))
    assert emails == {"jeanne.martin@orangee.fr", "jeanne.martin@gmail.com"}


@pytest.mark.req("S8", "D15", "D30")
def test_the_answer_and_the_statements_are_the_same_whoever_has_the_address(
    now: Any, django_assert_num_queries: Any
) -> None:
    holders: dict[str, Callable[[], object]] = {
        "new": lambda: None,
        "pending": pending,
        "active": person,
        "suspended": lambda: person(status="suspended"),
        "blocked": lambda: BlockedPerson.objects.create(
            digest=hash_address_forms(ADDRESS)[0], reason="x", blocked_at=NOW
        ),
    }
    pages = set()
    for kind, hold in holders.items():
        with rolled_back():
            hold()
            client = Client()
            # One count of the network, one look at the allow-list, one row.
            with django_assert_num_queries(3):
                response = post(client)
            assert response.status_code == 303, kind
            assert response["Location"].startswith("/inscription/envoye/?suivi="), kind
            assert ADDRESS not in response["Location"], kind
            assert PostedRequest.objects.filter(kind=Kind.SIGN_UP).count() == 1, kind
            assert not Mail.objects.exists(), kind
            pages.add(
                client.get(response["Location"]).text.partition("<main")[2].partition("<form")[0]
            )
            assert set(client.cookies) <= {"csrftoken"}, kind
    (page,) = pages
    assert ADDRESS in page


@pytest.mark.req("R18", "R20", "S58", "S59")
def test_a_new_address_gets_an_account_without_password_and_the_mail(
    client: Client, now: Any, terms: Any
) -> None:
    post(client)
    assert settle(now) == {"created": 1}
    user = User.objects.get()
    assert user.status == Status.PENDING
    assert not user.has_usable_password()
    (message,) = letters()
    assert message.to == ADDRESS
    assert message.subject == "Créez votre mot de passe – OPCO Mobilités"
    assert "mardi 17 mars 2026 à 10" in message.text  # when it was asked, in Paris
    assert "vendredi 20 mars 2026 à 10" in message.text  # 72 hours later
    link = path_in(message, "/inscription/mot-de-passe/")
    for body in (message.text, message.html):
        assert f"http://127.0.0.1:8000{link}" in body or link in body
    assert "Créer un mot de passe" in message.html
    assert settle(now) == {}


@pytest.mark.req("S19", "S25")
def test_the_row_of_a_link_holds_nothing_that_opens_the_page(link: str) -> None:
    row = EntryLink.objects.get()
    key = link.rstrip("/").rpartition("/")[2]
    signature = key.partition(".")[2]
    assert len(signature) >= 40
    assert all(signature not in str(value) for value in vars(row).values())


@pytest.mark.req("S24", "D16")
def test_reading_the_link_in_any_way_changes_nothing(client: Client, link: str) -> None:
    for method in ("get", "head", "options"):
        getattr(client, method)(link)
    assert EntryLink.objects.get().used_at is None
    assert User.objects.get().status == Status.PENDING


@pytest.mark.req("R19", "R21", "R27", "R28", "R63", "R65")
def test_the_password_opens_the_account_and_leads_back_to_the_login_page(
    client: Client, mailed_link: str, accepted: dict[str, str], terms: TermsVersion, now: Any
) -> None:
    response = client.post(mailed_link, accepted)
    assert (response.status_code, response["Location"]) == (303, "/cas/login")
    assert "sessionid" not in client.cookies
    user = User.objects.get()
    assert user.status == Status.ACTIVE
    assert user.check_password(PASSWORD)
    acceptance = TermsAcceptance.objects.get()
    assert (acceptance.version, acceptance.accepted_at) == (terms, now)
    assert "Votre mot de passe est créé" in client.get("/cas/login").text
    assert log_in(client).status_code == 303


@pytest.mark.req("R62", "R63")
def test_the_terms_box_has_the_exact_label_and_is_never_ticked_beforehand(
    client: Client, link: str, accepted: dict[str, str]
) -> None:
    text = client.get(link).text
    assert "J’accepte les Conditions Générales d’Utilisation" in text
    assert "checked" not in text
    assert 'href="/cgu/"' in text
    del accepted["terms"]
    said = "cochez cette case"
    asked = text.count(said)  # what the page says by itself before it leaves
    text = client.post(link, accepted).text
    assert text.count(said) > asked
    assert User.objects.get().status == Status.PENDING
    assert log_in(client).status_code == 200
    assert not TermsAcceptance.objects.exists()


@pytest.mark.req("R65")
def test_terms_that_changed_meanwhile_must_be_read_again(
    client: Client, link: str, accepted: dict[str, str], terms: TermsVersion
) -> None:
    text = client.post(link, accepted | {"terms_version": str(terms.pk + 1)}).text
    assert "viennent de changer" in text
    assert User.objects.get().status == Status.PENDING


@pytest.mark.req("R21", "R22", "R23", "R24", "R25", "R26")
def test_each_failed_rule_is_named(client: Client, link: str, accepted: dict[str, str]) -> None:
    for first, second, said in (
        ("Ab1cdef", "Ab1cdef", "doit compter au moins 8 caractères"),
        ("tramway-bleu-26", "tramway-bleu-26", "doit contenir au moins une majuscule"),
        ("TRAMWAY-BLEU-26", "TRAMWAY-BLEU-26", "doit contenir au moins une minuscule"),
        ("Tramway-Bleu-Vert", "Tramway-Bleu-Vert", "doit contenir au moins un chiffre"),
        (PASSWORD, "Tramway-Vert-2026", "Les deux mots de passe sont différents"),
    ):
        typed = {"password1": first, "password2": second}
        assert said in client.post(link, accepted | typed).text
        assert User.objects.get().status == Status.PENDING


@pytest.mark.req("D16", "R19")
def test_a_used_link_says_so_and_leads_to_the_login(
    client: Client, link: str, accepted: dict[str, str]
) -> None:
    client.post(link, accepted)
    other = {"password1": "Autre-Mot-2027", "password2": "Autre-Mot-2027"}
    for response in (client.get(link), client.post(link, accepted | other)):
        assert response.status_code == 410
        assert "Ce lien a déjà servi" in response.text
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.req("D16")
def test_an_expired_link_offers_another_one(client: Client, link: str) -> None:
    with time_machine.travel(NOW + timedelta(hours=71, minutes=59, seconds=59), tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel(NOW + timedelta(hours=72), tick=False):
        response = client.get(link)
        assert response.status_code == 410
        assert "M’envoyer un nouveau lien" in response.text
        assert client.post(link).status_code == 303
    assert PostedRequest.objects.filter(kind=Kind.SIGN_UP, settled_at=None).count() == 1
    assert settle(NOW + timedelta(hours=72)) == {"mailed": 1}


@pytest.mark.req("D16")
def test_older_links_work_until_one_is_used_then_none(
    client: Client, mailed_link: str, accepted: dict[str, str]
) -> None:
    later = NOW + timedelta(minutes=2)
    with time_machine.travel(later, tick=False):
        post(client)
        settle(later)
        keys = [path_in(message, "/inscription/mot-de-passe/") for message in letters()]
        assert len(set(keys)) == 2
        assert client.get(keys[1]).status_code == 200
        assert client.post(mailed_link, accepted).status_code == 303
        assert {client.get(key).status_code for key in keys} == {410}


@pytest.mark.req("D16")
def test_mails_keep_90_seconds_apart_and_five_in_a_quarter_of_an_hour(settings: Any) -> None:
    settings.MAILS_PER_MAILBOX = ()  # what strangers can have sent is test_ceilings.py's
    outcomes = []
    for seconds in (0, 89, 90, 180, 270, 360, 450, 899, 901):
        at = NOW + timedelta(seconds=seconds)
        post_request(Kind.SIGN_UP, ADDRESS, now=at)
        outcomes.append(next(iter(settle(at))))
    assert outcomes == ["created", "cooldown", *["mailed"] * 4, "capped", "capped", "mailed"]


@pytest.mark.req("S8")
def test_an_existing_account_is_told_by_mail_with_login_and_reset(client: Client, now: Any) -> None:
    user = person("Jeanne.Martin@garage.example.org", first_name="Jeanne", last_name="Martin")
    post(client, "JEANNE.martin@garage.example.org")
    assert settle(now) == {"mailed": 1}
    (message,) = letters()
    assert message.to == user.email
    assert message.subject == "Vous avez déjà un compte – OPCO Mobilités"
    assert message.text.startswith("Bonjour Jeanne Martin,")
    assert "/cas/login" in message.text
    assert client.get(path_in(message, "/mot-de-passe/")).status_code == 200


@pytest.mark.req("D30")
def test_a_blocked_person_gets_the_same_page_and_nothing_else(
    client: Client, now: Any, settings: Any
) -> None:
    settings.HASH_KEYS = ["the-new-key", *settings.HASH_KEYS]
    BlockedPerson.objects.create(
        digest=hash_address_forms(ADDRESS)[1], reason="x", blocked_at=NOW
    )  # hashed with the old key
    assert post(client).status_code == 303
    assert settle(now) == {"blocked": 1}
    assert not User.objects.exists()


@pytest.mark.req("R19")
def test_nobody_gets_in_before_the_password_exists(client: Client, link: str) -> None:
    for password in ("", "!", PASSWORD):
        response = client.post("/cas/login", {"username": ADDRESS, "password": password})
        assert response.status_code == 200
        assert "_auth_user_id" not in client.session


@pytest.mark.req("S23")
def test_too_many_sign_ups_from_one_network_get_the_429_page(
    client: Client, now: Any, settings: Any
) -> None:
    most, period = settings.SIGN_UPS_PER_IP
    assert most >= 100  # three posts of each of a class, at the same moment
    settings.SIGN_UPS_PER_IP = (3, period)
    for _ in range(3):
        assert post(client).status_code == 303
    response = post(client)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= period.total_seconds()
    with time_machine.travel(NOW + timedelta(seconds=int(response["Retry-After"])), tick=False):
        assert post(client).status_code == 303


def test_another_mail_can_be_asked_for_after_the_cool_down(client: Client, now: Any) -> None:
    page = post(client)["Location"]
    assert client.post(page).status_code == 303
    assert PostedRequest.objects.filter(kind=Kind.SIGN_UP).count() == 1
    assert "Attendez encore 90" in client.get(page).text
    with time_machine.travel(NOW + timedelta(seconds=91), tick=False):
        client.post(page)
    assert PostedRequest.objects.filter(kind=Kind.SIGN_UP).count() == 2


def test_a_row_that_fails_stops_no_other(
    client: Client, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, "a.premier@garage.example.org")
    post(client, "b.second@garage.example.org")
    real = block_list.is_blocked

    def breaks(address: str) -> bool:
        if address.startswith("a."):
            raise RuntimeError("broken row")
        return real(address)

    monkeypatch.setattr("accounts.entry.sign_up.flows.is_blocked", breaks)
    assert settle(now) == {"failed": 1, "created": 1}
    monkeypatch.setattr("accounts.entry.sign_up.flows.is_blocked", real)
    assert settle(now) == {"created": 1}


@pytest.mark.req("S45")
def test_the_summary_counts_every_message_that_it_lists() -> None:
    form = CreatePasswordForm({"password1": "garage", "password2": ""}, user=pending())
    html = render_to_string("components/error_summary.html", {"form": form})
    assert f"comporte {html.count('<li>')} erreurs" in html
    assert html.count("<li>") > len(form.errors)
