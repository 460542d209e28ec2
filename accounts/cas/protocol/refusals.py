"""What a platform is answered instead of a person."""

from typing import Final


class FailureCode:
    """The failures of a validation, and of a request for a proxy ticket."""

    INVALID_REQUEST: Final = "INVALID_REQUEST"
    INVALID_TICKET_SPEC: Final = "INVALID_TICKET_SPEC"
    UNAUTHORIZED_SERVICE_PROXY: Final = "UNAUTHORIZED_SERVICE_PROXY"
    INVALID_PROXY_CALLBACK: Final = "INVALID_PROXY_CALLBACK"
    INVALID_TICKET: Final = "INVALID_TICKET"
    INVALID_SERVICE: Final = "INVALID_SERVICE"
    INTERNAL_ERROR: Final = "INTERNAL_ERROR"
    UNAUTHORIZED_SERVICE: Final = "UNAUTHORIZED_SERVICE"  # of /proxy


class InvalidTicket(Exception):
    """The answer is no. The text is for the platform's developers and names no secret."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
