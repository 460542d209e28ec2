"""The staff's pages of this room: tables, the registry, what people hold, agents."""

from accounts.habilitations.admin import accesses, holdings, registry, staff, tables, tokens

__all__ = ["accesses", "holdings", "registry", "staff", "tables", "tokens"]
