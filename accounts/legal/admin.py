"""Registers the staff pages; each is defined in its package."""

import accounts.legal.terms.admin  # noqa: F401
