"""What a mail says, as its builder gives it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Message:
    """`deadline`: the last day that this rendering announces, saved with the attempt (D20).
    `secret`: what must not stay readable in the row, beside the keys of addresses: a code.
    """

    to: str
    subject: str
    text: str
    html: str
    reply_to: str = ""
    deadline: date | None = None
    secret: str = ""
