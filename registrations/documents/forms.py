"""The form that answers a request for documents, and what it shares with that of messages."""

import unicodedata
import uuid
from typing import Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from registrations.requests.signed_in_views import read_form_token

MESSAGE_MAX: Final = 4000


class MultipleFileInput(forms.ClearableFileInput):
    """A file input that accepts several files, as Django's documentation describes it."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"multiple": True, "accept": ".pdf,.jpg,.jpeg,.png", **(attrs or {})})


class MultipleFileField(forms.FileField):
    """A list of files, possibly empty. `documents.intake` inspects their content, and counts
    them.
    """

    widget = MultipleFileInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        given = data if isinstance(data, list | tuple) else [data]
        return [file for file in given if isinstance(file, UploadedFile)]


class PlainTextField(forms.CharField):
    """What people write to each other: plain text of several lines, never cut. Without a
    `maxlength` in the page, which would shorten what is pasted without a word.
    """

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """With plain line ends; "" when nothing in it can be seen."""
        plain = "\n".join(str(value or "").splitlines()).strip()
        kept = "".join(
            char for char in plain if char in "\n\t" or unicodedata.category(char) != "Cc"
        )
        return "" if all(unicodedata.category(char)[0] in "CZ" for char in kept) else kept

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > MESSAGE_MAX:
            raise forms.ValidationError(
                f"Ce texte fait {_group_digits(len(value))} caractères, "
                f"{_group_digits(MESSAGE_MAX)} au plus. Raccourcissez-le, ou envoyez-le en "
                "plusieurs fois.",
                "max_length",
            )


def _group_digits(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def describe_accepted_files() -> str:
    size = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return (
        f"PDF, JPEG ou PNG, {size}\u00a0Mo au plus par fichier, "
        f"{settings.UPLOAD_MAX_FILES}\u00a0fichiers au plus."
    )


class PostedOnceForm(forms.Form):
    """A form with a token: the same content that is posted twice is recorded once."""

    text_field: ClassVar[str]
    files_field: ClassVar[str]

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        self.form_token = read_form_token(data) if data is not None else uuid.uuid4()


class AnswerForm(PostedOnceForm):
    """Text, files, or both."""

    text_field, files_field = "text", "documents"

    text = PlainTextField(
        label="Votre réponse", required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    documents = MultipleFileField(label="Documents", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].help_text = describe_accepted_files()
