"""The conversation with the applicant on the decision page, and the form that writes to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.people.naming import find_names
from mgestion.text.dates import french_date, paris_date
from registrations.conversation.flows import FILES_APART
from registrations.conversation.thread import Thread, ThreadEntry, load_thread
from registrations.desk.decision.forms import DayField, limit_days
from registrations.desk.decision.panels.papers import (
    DOWNLOADABLE_SCANS,
    ReceivedDocument,
    RequestDocuments,
)
from registrations.documents.flows import MAX_ASKING_DAYS, get_default_last_day
from registrations.documents.forms import (
    MultipleFileField,
    PlainTextField,
    PostedOnceForm,
    describe_accepted_files,
)
from registrations.requests.models import Request


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """An entry as agents see it: who wrote it, by name, and which files they may open."""

    entry: ThreadEntry
    by: str
    papers: list[ReceivedDocument]


@dataclass(frozen=True, slots=True)
class DeskConversation:
    """`earlier`: folded. `unread`: something of the applicant waits for an agent."""

    earlier: list[DeskEntry]
    latest: list[DeskEntry]
    unread: bool


def load_conversation(item: Request, documents: RequestDocuments) -> DeskConversation:
    """Three statements at most, whatever the number of messages."""
    thread: Thread = load_thread(item, [each.asking for each in documents.exchanges])
    names = find_names(entry.agent for entry in thread.entries)

    def show(entry: ThreadEntry) -> DeskEntry:
        by = item.full_name
        if entry.by_staff:
            by = names.get(entry.agent, "un agent dont le compte n’existe plus")  # type: ignore[arg-type]  # None is no key
        papers = [
            ReceivedDocument(upload, upload.scan in DOWNLOADABLE_SCANS) for upload in entry.files
        ]
        return DeskEntry(entry, by, papers)

    return DeskConversation(
        [show(entry) for entry in thread.earlier],
        [show(entry) for entry in thread.latest],
        unread=item.desk_unread_since is not None,
    )


class MessageToApplicantForm(PostedOnceForm):
    """A message; `pause` stops the review clock until the answer, and then there is a last day."""

    text = PlainTextField(
        label="Votre message à la personne",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    attachments = MultipleFileField(label="Joindre un fichier (facultatif)", required=False)
    pause = forms.BooleanField(label="Arrêter le délai jusqu’à la réponse", required=False)
    last_day = DayField("Réponse attendue jusqu’au (inclus)", required=False)

    def __init__(
        self, now: datetime, data: Any = None, files: Any = None, *, awaited: bool = False
    ) -> None:
        """`awaited`: an answer is awaited already, so that the clock stands."""
        day = get_default_last_day(now)
        super().__init__(
            data, files, initial={"last_day": day}, auto_id="message_%s", label_suffix=""
        )
        self.fields[
            "attachments"
        ].help_text = (
            f"La personne le télécharge depuis la page de sa demande. {describe_accepted_files()}"
        )
        today = paris_date(now)
        limit_days(self, today + timedelta(days=1), today + timedelta(days=MAX_ASKING_DAYS))
        self.fields["last_day"].help_text = f"Par défaut, le {french_date(day)}."
        if awaited:
            del self.fields["pause"], self.fields["last_day"]

    def clean(self) -> None:
        """Without the box, no date is looked at."""
        if not self.cleaned_data.get("pause"):
            self.errors.pop("last_day", None)
            self.cleaned_data["last_day"] = None
        elif self.cleaned_data.get("attachments"):
            self.add_error("attachments", ValidationError(FILES_APART, "files_apart"))
        if not self.cleaned_data.get("text") and "text" not in self.errors:
            self.add_error("text", ValidationError("Écrivez le message à la personne.", "required"))
