"""Registers the staff pages, which `desk.admin` defines."""

import accounts.entry.desk.admin  # noqa: F401
