"""Inventory of personal data: the lists that agents keep or import."""

from accounts.personal_data import describe_staff_acts
from mgestion.personal_data import (
    PersonalData,
    RetentionLine,
    format_retention,
    name_columns,
    select_rows,
)
from registrations.desk.queue.models import SavedView
from registrations.evidence.models import KnownContact

_KEPT_CONTACTS = RetentionLine(
    13,
    "Liste des contacts connus des entreprises",
    lambda: f"Jusqu’à l’import suivant\u202f; {format_retention('known_contacts')} au plus",
    "Reconnaître l’adresse d’une personne qui demande un accès",
)


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
    "registrations.known_contact": PersonalData(
        title="Votre adresse dans la liste des contacts connus",
        columns=name_columns("registrations.knowncontact", "address", "address_key", "name"),
        reason="Serves to recognise a request of that address, and nothing after the account.",
        kept=_KEPT_CONTACTS,
        rows=lambda people: KnownContact.objects.filter(address_key__in=people.addresses),
        shown=("address", "siret", "name", "imported_at"),
    ),
    "registrations.contacts_imported_by": describe_staff_acts(
        "Listes de contacts que vous avez importées", KnownContact, "imported_by", "imported_at"
    ),
}
