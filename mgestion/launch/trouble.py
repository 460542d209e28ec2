"""The error of the launcher."""


class LaunchError(Exception):
    """The portal cannot start; the message gives the cause and the remedy."""
