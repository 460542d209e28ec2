"""Addresses that speak for a request: of a domain that an accepted Administrateur of the company
uses, or on the imported list of contacts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import ADMINISTRATOR_ROLES
from accounts.people.enums import Status
from mgestion.templatetags.portal import siret as format_siret
from mgestion.text.dates import french_date
from registrations.evidence.hint_figures import FavourHint
from registrations.evidence.models import KnownContact
from registrations.requests.models import Request
from registrations.requests.review.review_hints import is_webmail_domain
from registrations.search.lookups import build_siren_range


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """`sentence`: what an agent may keep as the evidence of an acceptance. `worth`: how often such
    an address ended in a refusal.
    """

    code: str
    title: str
    sentence: str
    worth: str = ""


def find_known_addresses(items: Sequence[Request]) -> dict[UUID, list[KnownAddress]]:
    """For each request read with its user, what its address proves. Two queries for all."""
    found: dict[UUID, list[KnownAddress]] = defaultdict(list)
    if not items:
        return found
    domains = _find_administrator_domains({item.siret[:9] for item in items})
    contacts = _find_contacts({item.user.email_key for item in items})
    for item in items:
        domain = item.user.email_key.rpartition("@")[2]
        owners = domains[item.siret[:9], domain] - {item.user_id}
        if owners and not is_webmail_domain(domain):
            found[item.pk].append(
                KnownAddress(
                    FavourHint.DOMAIN,
                    "Domaine d’adresse connu",
                    f"Un administrateur accepté de cette entreprise a une adresse en @{domain}.",
                )
            )
        for contact in contacts[item.user.email_key]:
            if contact.siret[:9] in ("", item.siret[:9]):
                found[item.pk].append(_describe_contact(contact))
                break
    return found


def _find_administrator_domains(sirens: Iterable[str]) -> dict[tuple[str, str], set[int]]:
    """By company and domain, the active people who administer one of its establishments now."""
    places = reduce(
        or_, (build_siren_range(siren, field="establishment__siret") for siren in sirens), Q()
    )
    rows = Access.objects.open().filter(
        places, role__in=ADMINISTRATOR_ROLES, user__status=Status.ACTIVE
    )
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for siret, key, user in rows.values_list(
        "establishment__siret", "user__email_key", "user_id"
    ).order_by():
        found[siret[:9], key.rpartition("@")[2]].add(user)
    return found


def _find_contacts(keys: Iterable[str]) -> dict[str, list[KnownContact]]:
    found: dict[str, list[KnownContact]] = defaultdict(list)
    for contact in KnownContact.objects.filter(address_key__in=keys).order_by("-siret"):
        found[contact.address_key].append(contact)
    return found


def _describe_contact(contact: KnownContact) -> KnownAddress:
    place = f", pour le SIRET\u00a0{format_siret(contact.siret)}" if contact.siret else ""
    return KnownAddress(
        FavourHint.CONTACT,
        "Contact connu",
        f"L’adresse est sur la liste des contacts importée le "
        f"{french_date(contact.imported_at)}{place}.",
    )
