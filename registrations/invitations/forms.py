"""The forms of invitations: the administrator's, and the one of the invited person."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.entry.sign_up.forms import NominativeAddressForm
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.habilitations.reference.models import Branch
from accounts.legal.models import TermsVersion
from accounts.people.fields import EXAMPLE, AddressField
from accounts.people.models import User
from mgestion.templatetags.portal import phone_fr
from mgestion.web.widgets import LongSelect
from registrations.enrolment.base_form import EnrolmentForm
from registrations.invitations.acceptance_flows import InvitedAnswers, needs_branch
from registrations.invitations.models import Invitation


class InvitationForm(NominativeAddressForm):
    """One address, and a profile of the offers. `offer` is « platform:profile »."""

    email = AddressField(
        label="Adresse e-mail nominative de votre collègue",
        help_text=f"À son nom, par exemple {EXAMPLE}. Pas une adresse partagée, comme contact@ ou "
        "compta@\u00a0: elle serait refusée.",
    )
    offer = forms.ChoiceField(
        label="Plateforme et rôle proposés",
        help_text="Les plateformes où vous êtes administrateur de cet établissement.",
        error_messages={"required": "Choisissez le rôle que vous proposez."},
    )

    def __init__(self, *args: Any, offers: list[AdmissionRule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "off"  # somebody else's
        groups: dict[str, list[tuple[str, str]]] = {}
        for rule in offers:
            choice = (f"{rule.platform.code}:{rule.profile.code}", _name_offer(rule))
            groups.setdefault(rule.platform.name, []).append(choice)
        field = self.fields["offer"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "Choisissez un rôle"), *groups.items()]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("email"):
            self.check_domain(values)
        return values

    def get_offer(self) -> tuple[str, str]:
        """The codes of the platform and of the profile, once the form is valid."""
        platform, _, profile = str(self.cleaned_data["offer"]).partition(":")
        return platform, profile


def _name_offer(rule: AdmissionRule) -> str:
    role, profile = str(rule.get_role_display()), str(rule.profile.label)
    return role if profile.casefold() == role.casefold() else f"{role} (profil {profile})"


class InvitedForm(forms.Form):
    """What is left to say for the invited person, with the fields of every request; the invitation
    says the rest.
    """

    last_name = EnrolmentForm.base_fields["last_name"]
    first_name = EnrolmentForm.base_fields["first_name"]
    phone = EnrolmentForm.base_fields["phone"]
    branch = forms.ChoiceField(
        label="Branche",
        help_text="Celle de l’établissement\u202f; M-Gestion ne la connaît pas encore.",
        error_messages={"required": "Choisissez la branche de l’établissement."},
        widget=LongSelect(),
    )
    accept_terms = EnrolmentForm.base_fields["accept_terms"]
    declaration = EnrolmentForm.base_fields["declaration"]

    def __init__(
        self,
        data: Any = None,
        *,
        invitation: Invitation,
        user: User,
        conditions: Sequence[TermsVersion] = (),
        **kwargs: Any,
    ) -> None:
        """`conditions`: the platform's own, which the first switch accepts too."""
        initial = {
            "last_name": user.last_name,
            "first_name": user.first_name,
            "phone": phone_fr(user.phone),
        }
        super().__init__(
            data,
            initial={**initial, **kwargs.pop("initial", {})},
            use_required_attribute=False,
            **kwargs,
        )
        if conditions and invitation.platform.code not in MGESTION:
            # The switch of M-Gestion keeps the words of its source.
            switch = self.fields["accept_terms"]
            switch.label = f"{switch.label} et les {conditions[0].document.name}"
        if needs_branch(invitation):
            self.fields["branch"].choices = [  # type: ignore[attr-defined]
                ("", "Choisir une branche"),
                *Branch.objects.filter(selectable=True)
                .order_by("position", "label")
                .values_list("code", "label"),
            ]
        else:
            del self.fields["branch"]

    def answers(self) -> InvitedAnswers:
        """Call it after `is_valid`."""
        said = self.cleaned_data
        branch = None
        if said.get("branch"):
            branch = Branch.objects.select_related("dga").get(code=said["branch"])
        return InvitedAnswers(said["last_name"], said["first_name"], said["phone"], branch)
