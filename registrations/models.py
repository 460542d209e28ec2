"""The tables of registrations, for Django and the admin; each is defined in its package."""

# ruff: noqa: F401 - importing them is all
import registrations.conversation.models
import registrations.desk.decision.models
import registrations.desk.opinions.models
import registrations.desk.queue.models
import registrations.desk.reminders.models
import registrations.directory.models
import registrations.establishments.models
import registrations.evidence.models
import registrations.invitations.models
import registrations.promise.models
import registrations.requests.document_models
import registrations.requests.models
import registrations.search.models
