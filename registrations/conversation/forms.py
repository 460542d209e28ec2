"""The form by which the applicant writes about their request."""

from typing import Any

from django import forms

from registrations.documents.forms import (
    MultipleFileField,
    PlainTextField,
    PostedOnceForm,
    describe_accepted_files,
)


class MessageForm(PostedOnceForm):
    """Text, files, or both; text alone where files would be the answer that is awaited."""

    text_field, files_field = "message", "attachments"

    message = PlainTextField(
        label="Votre message", required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    attachments = MultipleFileField(label="Documents (facultatif)", required=False)

    def __init__(self, *args: Any, with_files: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if with_files:
            self.fields["attachments"].help_text = describe_accepted_files()
        else:
            del self.fields["attachments"]
