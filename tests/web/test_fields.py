"""The field template: what Bootstrap and assistive technologies need."""

import re

import pytest
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html
from django.utils.safestring import SafeString

from mgestion.web.widgets import FormRenderer, LongSelect

HOSTILE = "\"><script>alert('x')</script>&"


class Everything(forms.Form):
    text = forms.CharField(
        label="Nom", help_text="Une aide.", widget=forms.TextInput({"class": "w"})
    )
    secret = forms.CharField(widget=forms.PasswordInput, required=False)
    count = forms.IntegerField(widget=forms.NumberInput({"min": 0, "readonly": True}))
    words = forms.CharField(widget=forms.Textarea)
    agreed = forms.BooleanField(label="J’accepte", help_text="Lisez d’abord.")
    kind = forms.ChoiceField(
        label="Type", choices=[("a", "A"), ("b", "B & C")], widget=forms.RadioSelect
    )
    place = forms.ChoiceField(
        choices=[("01", "Ain")], widget=forms.Select({"data-required": "true"})
    )
    file = forms.FileField(required=False)
    token = forms.CharField(widget=forms.HiddenInput)


def drawn(form: forms.Form, name: str) -> str:
    """The field's markup with single spaces, and none between two tags."""
    said = " ".join(str(as_crispy_field(form[name])).split())
    return said.replace("> <", "><")


def test_a_field_is_label_hint_error_then_input() -> None:
    said = drawn(Everything({"text": ""}), "text")
    order = [said.index(part) for part in ("<label", '_helptext"', '_error"', "<input")]
    assert order == sorted(order)
    assert said.startswith('<div id="div_id_text" class="mb-3 has-error">')
    assert 'for="id_text" class="form-label requiredField"' in said
    assert 'class="w form-control is-invalid"' in said
    assert 'aria-invalid="true" aria-describedby="id_text_helptext id_text_error"' in said
    assert "<p><strong>Ce champ est obligatoire." in said


def test_each_kind_has_its_shape() -> None:
    form = Everything(initial={"kind": "b", "agreed": True})
    shapes = {name: drawn(form, name) for name in form.fields}
    assert (
        'class="form-check-input" name="kind" value="b" id="id_kind_1" checked>' in shapes["kind"]
    )
    assert '<label class="form-check-label" for="id_kind_1">B &amp; C</label>' in shapes["kind"]
    assert shapes["kind"].count(" checked") == 1
    assert '<fieldset role="radiogroup" aria-required="true"><legend' in shapes["kind"]
    assert 'class="form-check-input"' in shapes["agreed"]
    assert shapes["agreed"].index("<input") < shapes["agreed"].index("<label")
    assert 'class="form-select"' in shapes["place"]
    assert 'class="form-control"' in shapes["file"]
    assert 'type="password"' in shapes["secret"] and "asteriskField" not in shapes["secret"]
    assert shapes["token"] == '<input type="hidden" name="token" id="id_token">'


def test_what_one_choice_makes_mandatory_bears_the_star() -> None:
    class Optional(Everything):
        place = forms.ChoiceField(required=False, widget=forms.Select({"data-required": "true"}))

    assert "asteriskField" in drawn(Optional(), "place")
    assert "requiredField" not in drawn(Optional(), "place")


@pytest.mark.req("S45")
def test_what_bears_the_star_is_said_to_be_required() -> None:
    """By `required` or by `aria-required`, never by both, whichever way the form is drawn."""
    for form in (Everything(), Everything(use_required_attribute=False)):
        for name, field in form.fields.items():
            said = drawn(form, name)
            starred = "asteriskField" in said
            spoken = len(re.findall(r'(?: required(?=[ >])| aria-required="true")', said))
            assert spoken == int(starred), (name, said)
            assert starred == field.required or name in ("place", "token")


def test_a_password_is_never_sent_back() -> None:
    assert "Tramway" not in drawn(Everything({"secret": "Tramway-Bleu"}), "secret")


def test_nothing_that_was_typed_is_markup() -> None:
    form = Everything(dict.fromkeys(Everything.base_fields, HOSTILE))
    for name in form.fields:
        said = drawn(form, name)
        assert "<script" not in said


def test_no_text_of_a_field_is_markup_unless_it_says_so() -> None:
    class Texts(forms.Form):
        plain = forms.CharField(label=HOSTILE, help_text=HOSTILE)
        marked = forms.CharField(help_text=SafeString("<b>gras</b>"))
        choice = forms.ChoiceField(choices=[(HOSTILE, HOSTILE)], widget=forms.RadioSelect)

    said = "".join(drawn(Texts(), name) for name in Texts.base_fields)
    assert "<script" not in said and "<b>gras</b>" in said


@pytest.mark.parametrize("widget", [forms.Select, LongSelect])
def test_a_list_of_the_database_escapes_its_names(widget: type[forms.Select]) -> None:
    choices = [("", "Choisir"), (HOSTILE, HOSTILE), ("b", "B")]
    field = forms.ChoiceField(choices=choices, widget=widget({"class": HOSTILE}))
    form = type("One", (forms.Form,), {"one": field})
    said = str(form({"one": "b"})["one"])
    assert "<script" not in said and said.count("<option value=") == 3
    assert re.findall(r"<option[^>]* selected[^>]*>([^<]*)<", said) == ["B"]
    assert re.findall(r"<option[^>]* selected[^>]*>([^<]*)<", str(form()["one"])) == ["Choisir"]


def test_both_engines_draw_the_same_inputs() -> None:
    class Others(Everything):
        kept = forms.CharField(label=HOSTILE, widget=forms.TextInput({"data-a": HOSTILE}))
        grouped = forms.ChoiceField(
            choices=[("", "Choisir"), (HOSTILE, [("a", HOSTILE), (2, SafeString("<b>"))])],
            widget=forms.Select({"size": 5, "autofocus": True, "hidden": False}),
        )
        days = forms.MultipleChoiceField(choices=[("1", "Un"), ("2", "Deux")])
        day = forms.DateField()

    said = {"kept": HOSTILE, "words": HOSTILE, "grouped": "a", "days": ["1", "2"], "token": "<"}
    for data in (None, said, {}):
        written = [
            [
                parse_html(f"{field.label_tag()}{field}{field.errors}")
                for field in Others(data, renderer=renderer)
            ]
            for renderer in (FormRenderer(), DjangoTemplates())
        ]
        assert written[0] == written[1], data
