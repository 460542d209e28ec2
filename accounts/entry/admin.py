"""Registers the pages of staff; each is defined in its room."""

import accounts.entry.desk.admin  # noqa: F401
