"""The rule of nominative addresses, throw-away domains, and slips of the fingers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.people.addresses import (
    check_nominative,
    clean_address,
    find_address_fault,
    fold_address,
    is_disposable,
    suggest_domain,
    unwrap_address,
)
from accounts.people.generic_words import FILLER_WORDS, KNOWN_DOMAINS, ROLE_WORDS, SURNAMES
from tests.effort import examples

_word = st.sampled_from(sorted(ROLE_WORDS))
_first = st.sampled_from(sorted(ROLE_WORDS - SURNAMES))
_filler = st.sampled_from(sorted(FILLER_WORDS))
_separator = st.sampled_from([".", "-", "_"])
_name = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12).filter(
    lambda word: word not in ROLE_WORDS | FILLER_WORDS
)


def accepted(local: str) -> bool:
    return check_nominative(f"{local}@garage.example.org").accepted


@pytest.mark.req("R6", "S63")
@settings(max_examples=examples(40, 1000))
@given(_word, st.integers(0, 9999), st.sampled_from(["", "+tag", "+a.b"]))
def test_every_word_of_the_list_is_refused_alone_with_digits_with_a_tag_in_any_case(
    word: str, number: int, tag: str
) -> None:
    assert not accepted(f"{word}{tag}")
    assert not accepted(f"{word.upper()}{number}{tag}")


@pytest.mark.req("S61")
@settings(max_examples=examples(40, 1000))
@given(_first, _separator, st.one_of(_word, _filler, st.integers(1, 99).map(str)))
def test_a_listed_word_followed_by_another_a_place_or_a_number_is_refused(
    first: str, dot: str, second: str
) -> None:
    assert not accepted(f"{first}{dot}{second}")


@pytest.mark.req("S62", "D13")
@settings(max_examples=examples(40, 1000))
@given(_word, _separator, _name)
def test_a_word_beside_something_unlisted_is_only_flagged(word: str, dot: str, name: str) -> None:
    # « ad » + « min »: the whole without its separators is another rule's matter.
    if f"{word}{name}" in ROLE_WORDS or f"{name}{word}" in ROLE_WORDS:
        return
    for local in (f"{word}{dot}{name}", f"{name}{dot}{word}"):
        verdict = check_nominative(f"{local}@garage.example.org")
        assert verdict.accepted and verdict.flagged


@pytest.mark.req("D13")
@settings(max_examples=examples(40, 1000))
@given(_name, _separator, _name)
def test_unlisted_words_never_refuse_anybody(first: str, dot: str, last: str) -> None:
    if f"{first}{last}" in ROLE_WORDS:
        return
    verdict = check_nominative(f"{first}{dot}{last}@garage.example.org")
    assert verdict.accepted and not verdict.flagged


@pytest.mark.req("S61", "S62", "S64")
def test_examples() -> None:
    refused = """
        Secrétariat comptabilité.paris ne-pas-repondre service.client rh-75 rh75-sud bureau
        direction.formation
    """.split()
    fine = """
        info.dupont marie.contact garage.nord j.bureau paul.stage paris 2026 jean-luc.le-goff
        j.martin2
    """.split()
    assert {local: accepted(local) for local in refused} == dict.fromkeys(refused, False)
    assert {local: accepted(local) for local in fine} == dict.fromkeys(fine, True)


@pytest.mark.req("D13")
def test_the_allow_list_lets_an_address_or_a_domain_through() -> None:
    assert check_nominative("Contact@garage.example.org", ["contact@garage.example.org"]).accepted
    assert check_nominative("contact@garage.example.org", ["@Garage.example.org"]).accepted
    assert not check_nominative("contact@sub.garage.example.org", ["@garage.example.org"]).accepted
    assert not check_nominative("contact@garage.example.org", ["garage.example.org"]).accepted


@settings(max_examples=examples(40, 1000))
@given(st.text(max_size=80))
def test_nothing_typed_breaks_the_rules(text: str) -> None:
    check_nominative(text)
    is_disposable(text)
    suggest_domain(text)
    unwrap_address(text)
    find_address_fault(text)


@pytest.mark.req("S45")
def test_each_slip_is_named() -> None:
    for typed, said in (
        ("jeanne.martin", "signe @"),
        ("jeanne@@garage.fr", "une fois"),
        ("@garage.fr", "précède"),
        ("jeanne@", "suit"),
        ("jeanne martin@garage.fr", "espaces"),
        ("jeanne@garage,fr", "«\u00a0,\u00a0»"),
        ("jeannée@garage.fr", "sans accent"),
        ("jeanne@garage", ".fr ou .com"),
        ("jeanne.@garage.fr", "Un point"),
        ("jeanne@garage.fr", ""),
    ):
        fault = find_address_fault(typed)
        assert said in fault and bool(fault) == bool(said), typed


@pytest.mark.req("D15")
def test_what_mail_programs_copy_around_an_address_is_dropped() -> None:
    for pasted in ["Jeanne Martin <j.m@garage.fr>", "<j.m@garage.fr>", " MailTo:j.m@garage.fr"]:
        assert unwrap_address(pasted) == "j.m@garage.fr", pasted


@pytest.mark.req("D15", "D58")
@settings(max_examples=examples(40, 1000))
@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold_address(fold_address(text)) == fold_address(text)
    assert fold_address(f" \u200b{clean_address(text)}\u00ad ") == fold_address(text)


def test_throw_away_domains_and_their_subdomains() -> None:
    assert is_disposable("x@mailinator.com")
    assert is_disposable("x@eu.mailinator.com")
    assert not is_disposable("x@garage.example.org")


_known = st.sampled_from([d for d in KNOWN_DOMAINS if len(d.partition(".")[0]) > 4])


@settings(max_examples=examples(40, 1000))
@given(_known, st.data())
def test_one_slip_in_a_known_domain_is_recognised(domain: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(domain) - 2))
    slip = data.draw(
        st.sampled_from(
            [
                domain[:at] + domain[at + 1 :],
                domain[:at] + domain[at + 1] + domain[at] + domain[at + 2 :],
                domain[:at] + "w" + domain[at:],
                domain[:at] + "w" + domain[at + 1 :],
            ]
        )
    )
    if slip in KNOWN_DOMAINS:
        return
    assert suggest_domain(f"Jeanne.Martin@{slip}").startswith("Jeanne.Martin@")


def test_honest_domains_are_left_alone() -> None:
    honest = [*KNOWN_DOMAINS, "garage.example.org", "fret.fr", "see.fr", "yahoo.it"]
    assert [domain for domain in honest if suggest_domain(f"x@{domain}")] == []
