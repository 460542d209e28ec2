"""Registers the pages of staff; each is defined in its room."""

import accounts.profile.rights.admin  # noqa: F401
