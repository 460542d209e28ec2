"""What a mail says, as its builder gives it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Message:
    """`deadline`: the last day that this rendering announces, saved with the attempt (D20)."""

    to: str
    subject: str
    text: str
    html: str
    reply_to: str = ""
    deadline: date | None = None
