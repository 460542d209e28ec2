"""What can keep the portal from starting, in words for the person at the keyboard."""


class CannotRun(Exception):
    """The message says what is wrong and how to mend it."""
