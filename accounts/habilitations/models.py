"""The tables of this application, for Django; each is defined in its package."""

# ruff: noqa: F401 - importing them is all
import accounts.habilitations.accesses.models
import accounts.habilitations.api.models
import accounts.habilitations.platforms.models
import accounts.habilitations.reference.models
import accounts.habilitations.staff.models
