"""Inventory of personal data: the imported list of known contacts."""

from django.db.models import QuerySet

from accounts.personal_data import KEPT_STAFF, STAFF_ACTS
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    PersonalData,
    RetentionLine,
    format_retention,
)
from registrations.evidence.models import KnownContact

KEPT = RetentionLine(
    13,
    "Liste des contacts connus des entreprises",
    lambda: f"Jusqu’à l’import suivant\u202f; {format_retention('known_contacts')} au plus",
    "Reconnaître l’adresse d’une personne qui demande un accès",
)


def _select_contacts(people: DataSubjects) -> QuerySet[KnownContact]:
    return KnownContact.objects.filter(address_key__in=people.addresses)


ENTRIES = {
    "registrations.known_contact": PersonalData(
        title="Votre adresse dans la liste des contacts connus",
        columns=(
            "registrations.knowncontact.address",
            "registrations.knowncontact.address_key",
            "registrations.knowncontact.name",
        ),
        policy=ErasurePolicy.DELETE,
        reason="Serves to recognise a request of that address, and nothing after the account.",
        kept=KEPT,
        rows=_select_contacts,
        shown=("address", "siret", "name", "imported_at"),
    ),
    "registrations.contacts_imported_by": PersonalData(
        title="Listes de contacts que vous avez importées",
        columns=("registrations.knowncontact.imported_by",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason=STAFF_ACTS,
        kept=KEPT_STAFF,
        rows=lambda people: KnownContact.objects.filter(imported_by__in=people.public_ids),
        shown=("imported_at",),
    ),
}
