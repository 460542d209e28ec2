"""Exceptions of the flows."""


class Refused(Exception):
    """A guard refused the act. `message`: French, tells the person what to do or what holds now."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class WrongState(Refused):
    """The object is no longer in a state that allows the act, because of a concurrent change."""
