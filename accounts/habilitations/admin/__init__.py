"""The staff's pages of this room: tables, what people hold, agents."""

from accounts.habilitations.admin import holdings, staff, tables

__all__ = ["holdings", "staff", "tables"]
