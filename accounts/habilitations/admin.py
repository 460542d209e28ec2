"""Registers the staff pages; each is defined in its package."""

import accounts.habilitations.accesses.admin
import accounts.habilitations.accesses.establishment_admin
import accounts.habilitations.api.token_admin
import accounts.habilitations.platforms.admin
import accounts.habilitations.platforms.admission_admin
import accounts.habilitations.platforms.role_admin
import accounts.habilitations.reference.admin
import accounts.habilitations.staff.admin  # noqa: F401
