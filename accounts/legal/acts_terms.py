"""What an agent does with the terms: publish a version, withdraw it, answer who asks for one."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from accounts.legal.models import TermsRequest, TermsVersion
from accounts.legal.terms import difference, flows, markup, request_flows
from accounts.legal.terms.lookups import find_previous_version
from mgestion.errors import Refused
from mgestion.staff_acts import StaffAct, StaffActView, on_key, on_row
from mgestion.text.dates import french_date, paris_date, start_of_paris_day

# Terms are announced weeks ahead, not years: later than this is rather a slip of the keyboard.
_FAR = timedelta(days=183)


class PublishForm(forms.Form):
    """From which day: at 0 h in Paris, tomorrow at the earliest (nobody is bound backwards)."""

    effective = forms.DateField(
        label="En vigueur à partir du",
        help_text="À 0\u00a0h, heure de Paris. Laissez aux personnes le temps de lire.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )
    # Shown when the date is far away.
    far = forms.BooleanField(
        label="Oui, cette date est la bonne", required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """A mistyped year is asked about: everybody would be told of it at once."""
        cleaned = super().clean() or {}
        day = cleaned.get("effective")
        if day is not None and day > self.today + _FAR:
            self.fields["far"].widget = forms.CheckboxInput()
            if not cleaned.get("far"):
                self.add_error(
                    "far",
                    f"Le {french_date(day)} est dans plus de six mois\u00a0: vérifiez l’année, "
                    "puis cochez la case si c’est bien cette date.",
                )
        return cleaned


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="Pourquoi",
        help_text="Pour les agents\u00a0: une date erronée, un texte à revoir…",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Dites pourquoi cette version est retirée."},
    )


class VersionField(forms.ModelChoiceField[TermsVersion]):
    """Each version with its day: one that is to come is not the one in force."""

    def label_from_instance(self, obj: TermsVersion) -> str:
        if obj.effective_at is None:
            return str(obj)
        to_come = obj.effective_at > timezone.now()
        verb = "entrera en vigueur le" if to_come else "entrée en vigueur le"
        return f"{obj} – {verb} {french_date(obj.effective_at)}"


class TermsAnswerForm(forms.Form):
    """A version of the archive, or words; both if one wants."""

    version = VersionField(
        TermsVersion.objects.none(),
        label="Version à envoyer",
        required=False,
        empty_label="Aucune\u00a0: je réponds par un texte",
        help_text="L’e-mail mène à sa page, qui est datée et ne change plus.",
    )
    text = forms.CharField(
        label="Texte à joindre",
        max_length=20_000,
        required=False,
        help_text="Pour une version qui n’est pas sur le portail\u00a0: copiez-en le texte ici.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["version"]
        versions = TermsVersion.objects.published().select_related("platform")
        field.queryset = versions.defer("body")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("version") and not cleaned.get("text"):
            raise forms.ValidationError("Choisissez une version, ou écrivez une réponse.")
        return cleaned


class TermsVersionActView(StaffActView[TermsVersion]):
    def may_act(self) -> bool:
        return may_publish(self.request)

    def get_row(self) -> TermsVersion:
        versions = TermsVersion.objects.select_related("platform")
        return get_object_or_404(versions, pk=self.kwargs["version_id"])

    def row_url(self) -> str:
        return reverse("admin:legal_termsversion_change", args=[self.row.pk])

    def page_context(self) -> dict[str, Any]:
        listed = reverse("admin:legal_termsversion_changelist")
        return {
            "title": f"{self.act.label} «\u00a0{self.row.label}\u00a0»",
            "document": self.row.document,
            "crumbs": [("Versions des conditions", listed), (self.row.label, self.row_url())],
        }


class WithdrawActView(TermsVersionActView):
    """A version that is not in force yet: the people who were told of it are told again."""

    acts: ClassVar = {
        "": StaffAct[TermsVersion](
            label="Retirer",
            button="Retirer cette version",
            form=WithdrawForm,
            verb=on_row(flows.withdraw_version),
            shown=lambda version: flows.may_withdraw(version, timezone.now()),
            done=lambda version, done: (
                f"«\u00a0{version.label}\u00a0» est retirée. Les personnes déjà prévenues le "
                "sont de son retrait."
            ),
        )
    }
    template_name = "admin/legal/termsversion/withdraw.html"

    def impossible_words(self) -> str:
        return "Seule une version publiée qui n’est pas encore en vigueur se retire."


class PublishActView(TermsVersionActView):
    """The text, what it changes, the date: it never changes again."""

    acts: ClassVar = {
        "": StaffAct[TermsVersion](
            label="Publier",
            button="Publier cette version",
            form=PublishForm,
            verb=lambda version, actor, said, now: flows.publish_version(
                version,
                effective_at=start_of_paris_day(said["effective"]),
                actor=actor,
                now=now,
            ),
            shown=lambda version: version.published_at is None,
            done=lambda version, published: (
                f"«\u00a0{version.label}\u00a0» est publiée et s’applique à partir du "
                f"{french_date(published.effective_at)}. Les personnes en sont prévenues par "
                "e-mail."
            ),
        )
    }
    template_name = "admin/legal/termsversion/publish.html"

    def impossible_words(self) -> str:
        return "Cette version est déjà publiée\u00a0: elle ne change plus."

    def form_options(self) -> dict[str, Any]:
        today = paris_date(self.now)
        return {"initial": {"effective": today + timedelta(days=30)}, "today": today}

    def add_refusal(self, form: forms.Form, refusal: Refused) -> None:
        form.add_error("effective", refusal.message)

    def page_context(self) -> dict[str, Any]:
        before, body = find_previous_version(self.row), self.row.body
        return {
            **super().page_context(),
            "stay_words": "Revenir au brouillon",
            "previous": before,
            "changes": difference.compare_texts(before.body, body) if before else (),
            "terms_html": "" if markup.list_markup_faults(body) else markup.format_for_page(body),
        }


class AnswerActView(StaffActView[TermsRequest]):
    acts: ClassVar = {
        "": StaffAct[TermsRequest](
            label="Répondre",
            title="Répondre à une demande de version",
            button="Envoyer la réponse",
            form=TermsAnswerForm,
            verb=on_key(request_flows.answer_terms_request),
            shown=lambda row: row.answered_at is None,
            done=lambda row, done: f"La réponse part par e-mail à {row.email}.",
        )
    }
    template_name = "admin/legal/termsrequest/answer.html"

    def may_act(self) -> bool:
        return may_answer(self.request)

    def get_row(self) -> TermsRequest:
        requests = TermsRequest.objects.select_related("platform")
        return get_object_or_404(requests, pk=self.kwargs["request_id"])

    def row_url(self) -> str:
        return reverse("admin:legal_termsrequest_change", args=[self.row.pk])

    def impossible_words(self) -> str:
        return "Une réponse est déjà partie pour cette demande."

    def page_context(self) -> dict[str, Any]:
        listed = reverse("admin:legal_termsrequest_changelist")
        crumbs = [("Demandes de version des conditions", listed), (self.row.asked, self.row_url())]
        return {"crumbs": crumbs, "stay_words": "Revenir à la demande"}


def may_publish(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("legal.change_termsversion"))


def may_answer(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("legal.change_termsrequest"))
