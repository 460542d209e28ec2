"""Registers the pages of staff; each is defined in its room."""

import accounts.people.admin  # noqa: F401
