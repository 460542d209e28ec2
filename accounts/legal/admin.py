"""Registers the pages of staff; each is defined in its room."""

import accounts.legal.terms.admin  # noqa: F401
