"""Registers the staff pages; each is defined in its package."""

import accounts.profile.rights.admin  # noqa: F401
