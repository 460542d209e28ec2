"""Inventory of personal data: the lists that agents keep under a name."""

from mgestion.personal_data import ErasurePolicy, PersonalData, RetentionLine
from registrations.desk.queue.models import SavedView

ENTRIES = {
    "registrations.saved_view": PersonalData(
        title="Vues de la file que vous avez enregistrées",
        columns=("registrations.savedview.owner",),
        policy=ErasurePolicy.DELETE,
        reason="A list of the agent's own, shared or not; goes with the account.",
        kept=RetentionLine(
            96,
            "Vues de la file des demandes, pour un agent",
            lambda: "Jusqu’à ce que l’agent les supprime, ou que son compte le soit",
            "Retrouver une liste de demandes par son nom",
        ),
        rows=lambda people: SavedView.objects.filter(owner__in=people.ids).select_related(
            "delegation"
        ),
        shown=("name", "query", "delegation", "saved_at"),
    ),
}
