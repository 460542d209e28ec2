"""The form that answers a request for documents."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

ANSWER_MAX_LENGTH = 4000


class MultipleFileInput(forms.ClearableFileInput):
    """A file input that accepts several files, as Django's documentation describes it."""

    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """A list of files, possibly empty. `documents.intake` inspects their content."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        given = data if isinstance(data, list | tuple) else [data]
        return [file for file in given if isinstance(file, UploadedFile)]


class AnswerForm(forms.Form):
    """Text, files, or both."""

    text = forms.CharField(
        label="Votre réponse",
        required=False,
        max_length=ANSWER_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    documents = MultipleFileField(
        label="Documents",
        required=False,
        widget=MultipleFileInput(attrs={"multiple": True, "accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        size = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        self.fields["documents"].help_text = (
            f"PDF, JPEG ou PNG, {size}\u00a0Mo au plus par fichier, "
            f"{settings.UPLOAD_MAX_FILES}\u00a0fichiers au plus."
        )

    def clean_documents(self) -> list[UploadedFile[bytes]]:
        files: list[UploadedFile[bytes]] = self.cleaned_data["documents"]
        if len(files) > settings.UPLOAD_MAX_FILES:
            raise forms.ValidationError(
                f"Joignez au plus {settings.UPLOAD_MAX_FILES}\u00a0fichiers à la fois."
            )
        return files

    def clean_text(self) -> str:
        return "\n".join(self.cleaned_data["text"].splitlines()).strip()
