"""Registers the pages of staff; each is defined in its room."""

import accounts.habilitations.accesses.admin
import accounts.habilitations.accesses.establishment_admin
import accounts.habilitations.api.token_admin
import accounts.habilitations.platforms.admin
import accounts.habilitations.platforms.role_admin
import accounts.habilitations.reference.admin
import accounts.habilitations.staff.admin  # noqa: F401
