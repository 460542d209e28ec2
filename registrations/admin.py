"""The staff pages of registrations, for Django; each is defined in its package."""

# ruff: noqa: F401 - importing them is all
import registrations.desk.queue.admin
import registrations.establishments.admin
import registrations.evidence.admin
import registrations.invitations.admin
import registrations.reference.admin
