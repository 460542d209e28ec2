"""« Justificatif » on the page of an access: its file, or the page that opens one."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.staff.permissions import get_staff, may_decide
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.catalogue.rendering import Message
from mgestion.outbox.models import Mail
from mgestion.staff_acts import StaffAct, StaffActView
from mgestion.text.dates import french_date
from registrations.desk.acts.access_files import (
    ask_about_access,
    build_access_file,
    find_access_file,
)
from registrations.desk.decision.act_forms import AskForDocumentsForm
from registrations.desk.decision.context import find_faulty_field
from registrations.desk.decision.rehearsal import build_mail_of_verb
from registrations.documents.flows import ASKED_MAIL
from registrations.requests.document_models import Asking
from registrations.requests.models import Request
from registrations.requests.review.review_rules import generate_reference, is_reference

PROOF: Final = "justificatif"  # the shipped text that asks for the proof of rights


def render_file_panel(request: HttpRequest, access: Access) -> str:
    """The panel of `slots.access_panels`."""
    file = find_access_file(access)
    awaited = file.askings.open().first() if file is not None else None
    context = {"access": access, "file": file, "awaited": awaited}
    return render_to_string("admin/registrations/access_file_panel.html", context, request)


class AskAboutAccessForm(AskForDocumentsForm):
    """The desk's form. `reference`: of the file that will be made, so that the mail that is shown
    before is the one that leaves.
    """

    reference = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_reference(self) -> str:
        said: str = self.cleaned_data["reference"]
        return said if is_reference(said) else generate_reference()


def _build_form(data: Any, *, item: Request, now: datetime) -> AskAboutAccessForm:
    """Its first text speaks of an access, and not of a request under review."""
    form = AskAboutAccessForm(item, now, data, ready=PROOF)
    form.initial["message"] = (
        f"Vous avez un accès à {item.platform} au nom de {item.company_name}. Merci de nous "
        "transmettre ce qui montre que vous êtes autorisé à agir pour cet établissement."
    )
    return form


def _describe_asking(access: Access, asking: Asking) -> str:
    return (
        f"Demande envoyée à {access.user.email}, réponse attendue jusqu’au "
        f"{french_date(asking.last_day)} inclus (heure de Paris). Le dossier de cet accès est "
        f"{asking.request.reference}."
    )


ACTS: dict[str, StaffAct[Access]] = {
    "justificatif": StaffAct(
        label="Demander un justificatif",
        title="Demander un justificatif pour cet accès\u202f?",
        button="Voir l’e-mail avant l’envoi",
        warning=lambda access, now: (
            f"{access.user} recevra ce message par e-mail et répond depuis le portail. L’accès à "
            f"{access.platform} reste ouvert\u202f; sans réponse, vous pourrez le suspendre, lui "
            "seul."
        ),
        form=_build_form,
        shown=lambda access: find_access_file(access) is None,
        verb=lambda access, actor, said, now: ask_about_access(
            access.pk,
            message=said["message"],
            documents=said["documents"],
            last_day=said["last_day"],
            reference=said["reference"],
            actor_user=User.objects.get(public_id=actor.ref),
            now=now,
        ),
        done=_describe_asking,
    )
}


class AccessFileView(StaffActView[Access]):
    """For who may decide, on an open or suspended access of their scope that has no file yet."""

    acts = ACTS
    template_name = "admin/registrations/access_file.html"
    letter: Message | None = None  # what would leave, once the form is filled in

    def may_act(self) -> bool:
        return may_decide(get_staff(self.request.user))

    def get_row(self) -> Access:
        rows = Access.objects.open_or_suspended().select_related(
            "user", "platform", "establishment__department__delegation", "establishment__branch"
        )
        mine = rows.filter(in_staff_scope(get_staff(self.request.user), "establishment__"))
        return get_object_or_404(mine, public_id=self.kwargs["public_id"])

    def get_word(self) -> str:
        return "justificatif"

    def row_url(self) -> str:
        return reverse("admin:habilitations_access_change", args=[self.row.pk])

    def done_url(self) -> str:
        file = find_access_file(self.row)
        if file is None:
            return self.row_url()
        return reverse("admin:registrations_request_change", args=[file.pk])

    refused_url = done_url

    def impossible_words(self) -> str:
        return "Cet accès a déjà un dossier\u00a0: le voici. Demandez-y le document."

    def form_options(self) -> dict[str, Any]:
        return {"item": build_access_file(self.row), "now": self.now}

    def add_refusal(self, form: Any, refusal: Refused) -> None:
        form.add_error(find_faulty_field(form, refusal) or None, refusal.message)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The exact mail first; the act when it is sent from there."""
        step = request.POST.get("step")
        if step == "send" or not self.form.is_valid():
            return super().post(request, *args, **kwargs)
        if step != "edit":
            actor, said = Actor.staff(request.user), self.form.cleaned_data  # type: ignore[arg-type]
            mails = Mail.objects.filter(kind=ASKED_MAIL, person=self.row.user.public_id)
            try:
                self.letter = build_mail_of_verb(
                    lambda: self.act.verb(self.row, actor, said, self.now), mails, self.now
                )
            except Refused:
                return super().post(request, *args, **kwargs)  # says why
            self.form.data = {**request.POST.dict(), "reference": said["reference"]}
        return self.get(request)

    def page_context(self) -> dict[str, Any]:
        return {"crumbs": [(str(self.row), self.row_url())], "letter": self.letter}
