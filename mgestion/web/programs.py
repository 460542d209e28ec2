"""What programs get where people would get one of our pages: each package answers its own, in
the format that they parse (`slots.program_answers`).
"""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse

from mgestion import slots


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused before a view reads it. English, without markup."""

    status: int
    code: str
    title: str
    detail: str


UNREADABLE: Final = Refusal(
    400, "unreadable", "The request could not be read", "The request holds a NUL character"
)
HTTPS_REQUIRED: Final = Refusal(
    403,
    "https_required",
    "HTTPS required",
    "This address answers over https only: what this call carried went in clear",
)
NOT_FOUND: Final = Refusal(404, "not_found", "Not found", "There is nothing at this address")
# Not about the person: the program may come back.
MAINTENANCE: Final = Refusal(
    503, "maintenance", "Service Unavailable", "The portal is under maintenance"
)
UNAVAILABLE: Final = Refusal(
    503, "unavailable", "Service Unavailable", "The portal cannot answer at the moment"
)


def answer_program(request: HttpRequest, refusal: Refusal) -> HttpResponse | None:
    """The refusal in the program's own format; None where people look."""
    for answer in slots.program_answers.values():
        response = answer(request, refusal)
        if response is not None:
            return response
    return None
