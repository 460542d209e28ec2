"""Inventory of personal data: the imported list of known contacts."""

from accounts.personal_data import describe_staff_acts
from mgestion.personal_data import PersonalData, RetentionLine, format_retention, name_columns
from registrations.evidence.models import KnownContact

KEPT = RetentionLine(
    13,
    "Liste des contacts connus des entreprises",
    lambda: f"Jusqu’à l’import suivant\u202f; {format_retention('known_contacts')} au plus",
    "Reconnaître l’adresse d’une personne qui demande un accès",
)


ENTRIES = {
    "registrations.known_contact": PersonalData(
        title="Votre adresse dans la liste des contacts connus",
        columns=name_columns("registrations.knowncontact", "address", "address_key", "name"),
        reason="Serves to recognise a request of that address, and nothing after the account.",
        kept=KEPT,
        rows=lambda people: KnownContact.objects.filter(address_key__in=people.addresses),
        shown=("address", "siret", "name", "imported_at"),
    ),
    "registrations.contacts_imported_by": describe_staff_acts(
        "Listes de contacts que vous avez importées", KnownContact, "imported_by", "imported_at"
    ),
}
