"""Whatever is posted: a page or a redirect, never a 500, and all or nothing in the database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.admission import ASKED_ONLINE
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.people.fields import clean_line
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.requests.models import Request, RequestEvent
from tests.effort import examples
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import load_reference
from tests.factories.people import client_of

anything = st.text(max_size=80) | st.sampled_from(
    ["\x00", "\ud7ff", "9" * 5000, "'; DROP TABLE x;--", "{{ 7 }}", "<script>", "\u202eabc", "-1"]
)


def field(*good: str) -> st.SearchStrategy[str | None]:
    """Usually something right, sometimes nothing, sometimes anything."""
    return st.sampled_from([*good, None]) | anything


forms = st.fixed_dictionaries(
    {
        "form_token": field("0e2f7b0a-6d38-4b5c-9a41-1d2f3c4b5a69"),
        "last_name": field("Fictif", "D’Exemple-Long"),
        "first_name": field("Zoé"),
        "phone": field("01 99 00 12 34", "+687 26 12 34"),
        "company_name": field("Garage & fils"),
        "siret": field("73282932000074", "356 000 000 49837"),
        "kind": field(*EstablishmentKind.values),
        "department": field("75", "2A", "971", "984"),
        "branch": field("automobile", "urbain"),
        "profile": field("ENT-GEST", "OF-GEST"),
        "accept_terms": field("on"),
        "declaration": field("on"),
    }
)


GOOD = {
    "last_name": "Fictif",
    "first_name": "Zoé",
    "phone": "01 99 00 12 34",
    "company_name": "Cabinet & fils",
    "siret": "73282932000074",
    "accept_terms": "on",
    "declaration": "on",
}
# Mostly right, so that the rules of the platform decide; at most one field is anything.
platform_forms: st.SearchStrategy[dict[str, str | None]] = st.builds(
    lambda chosen, wrong: {**GOOD, **chosen, **wrong},
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(EstablishmentKind.values),
            "department": st.sampled_from(["75", "2A"]),
            "profile_entreprise": st.sampled_from(["ENT-GEST", "ENT-ADH", "OF-PART", ""]),
            "profile_cabinet_rh": st.sampled_from(["RH-ADMIN", ""]),
        }
    ),
    st.dictionaries(
        st.sampled_from([*GOOD, "kind", "profile_entreprise"]), anything | st.none(), max_size=1
    ),
)
PLATFORMS = ("m-contributions", "m-campus-entreprise", "m-campus-of", "m-gepp-solution")


class FormFuzz(TestCase):
    """Each example in a transaction of its own."""

    @classmethod
    def setUpTestData(cls) -> None:
        load_reference()

    @pytest.mark.req("S23", "R40", "R41")
    @settings(
        max_examples=examples(10, 600), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(forms)
    def test_a_posted_form_is_all_or_nothing(self, said: dict[str, str | None]) -> None:
        user = make_newcomer()
        client = client_of(user)
        sent = {name: value for name, value in said.items() if value is not None}
        answer = client.post("/m-gestion/demande/", sent)
        made = Request.objects.filter(user=user)
        if answer.status_code == 302:
            request = made.get()
            assert request.kind != EstablishmentKind.CABINET_COMPTABLE
            assert (request.branch is not None) == (request.kind == EstablishmentKind.ENTREPRISE)
            assert len(request.siret) == 14
            assert request.phone.startswith("+")
            assert RequestEvent.objects.filter(request=request).count() == 1
            assert Mail.objects.filter(subject_id=request.pk).count() == 2
        else:
            assert answer.status_code in (200, 400)
            assert not made.exists()
            assert not Mail.objects.filter(person=user.public_id).exists()
            assert not Entry.objects.filter(person=user.public_id).exists()
            user.refresh_from_db()
            assert user.last_name == ""

    @pytest.mark.req("R57", "R61", "D66")
    @settings(
        max_examples=examples(8, 600), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.sampled_from(PLATFORMS), platform_forms)
    def test_a_form_of_a_platform_makes_what_its_rules_allow_or_nothing(
        self, code: str, said: dict[str, str | None]
    ) -> None:
        user = make_newcomer()
        sent = {name: value for name, value in said.items() if value is not None}
        answer = client_of(user).post(f"/demandes/{code}/nouvelle/", sent)
        made = Request.objects.filter(user=user).first()
        if made is None:
            assert answer.status_code in (200, 400)
            assert not Mail.objects.filter(person=user.public_id).exists()
            return
        assert answer.status_code == 302
        assert (made.platform.code, made.branch, made.dashboard) == (code, None, "")
        rule = AdmissionRule.objects.get(
            platform=made.platform, kind=made.kind, profile=made.profile
        )
        assert rule.way_in in ASKED_ONLINE
        assert made.asked_role == rule.role


@given(st.text(max_size=60))
def test_a_line_is_one_line_and_cleaning_twice_changes_nothing(text: str) -> None:
    line = clean_line(text)
    assert "\n" not in line
    assert line == line.strip()
    assert clean_line(line) == line
