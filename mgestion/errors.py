"""What a verb answers when it says no."""


class Refused(Exception):
    """A guard said no. `message`: French, for the person, how to mend it or what stands now."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class WrongState(Refused):
    """The object is no longer in a state that allows the act: somebody or something was faster."""
