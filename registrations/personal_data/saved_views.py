"""Inventory of personal data: the lists that agents keep under a name."""

from mgestion.personal_data import PersonalData, RetentionLine, select_rows
from registrations.desk.queue.models import SavedView

ENTRIES = {
    "registrations.saved_view": PersonalData(
        title="Vues de la file que vous avez enregistrées",
        columns=("registrations.savedview.owner",),
        reason="A list of the agent's own, shared or not; goes with the account.",
        kept=RetentionLine(
            96,
            "Vues de la file des demandes, pour un agent",
            lambda: "Jusqu’à ce que l’agent les supprime, ou que son compte le soit",
            "Retrouver une liste de demandes par son nom",
        ),
        rows=select_rows(SavedView, "owner", "delegation"),
        shown=("name", "query", "delegation", "saved_at"),
    ),
}
