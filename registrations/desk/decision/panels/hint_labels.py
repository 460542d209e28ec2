"""The signals in words: why each is raised, and what it usually means. None decides."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.habilitations.enums import EstablishmentKind
from accounts.people.addresses import fold_domain
from accounts.people.enums import Status
from registrations.desk.decision.panels.accounting_firms import (
    ACCOUNTING_FIRM_REASON,
    describe_firm_on_platform,
    takes_accounting_firms,
)
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label
from registrations.requests.review.review_hints import (
    ReviewHint,
    find_accounting_word,
    is_name_in_address,
    is_webmail_domain,
)


@dataclass(frozen=True, slots=True)
class HintFlag:
    """`title` says what was seen, `why` what in this request raised it, `meaning` what it usually
    means and what to do about it."""

    code: str
    title: str
    why: str
    meaning: str
    blocking: bool = False  # the flows refuse to approve as long as it stands
    reason: str = ""  # the code of the refusal reason that is ready for it
    worth: str = ""  # how often it ended in a refusal


def list_request_flags(item: Request, *, blocked: bool) -> Iterator[HintFlag]:
    email, department = item.user.email, str(item.department)
    if item.user.status != Status.ACTIVE:
        yield HintFlag(
            ReviewHint.ACCOUNT,
            "Le compte n’est pas actif",
            f"État du compte\u00a0: {item.user.get_status_display()}.",
            "La demande ne peut pas être acceptée tant que le compte reste dans cet état.",
            blocking=True,
        )
    if blocked:
        yield HintFlag(
            ReviewHint.BLOCKED,
            "Personne sur la liste de blocage",
            "L’adresse est celle d’une personne bloquée par un administrateur national.",
            "Une demande antérieure au blocage peut rester ouverte. Lisez le motif du blocage "
            "avant toute décision.",
        )
    word = find_accounting_word(item.company_name)
    if word and item.kind != EstablishmentKind.CABINET_COMPTABLE:
        taken = takes_accounting_firms(item)
        yield HintFlag(
            ReviewHint.ACCOUNTING,
            "La raison sociale évoque un cabinet comptable",
            f"«\u00a0{word}\u00a0» apparaît dans «\u00a0{item.company_name}\u00a0».",
            f"{describe_firm_on_platform(get_request_label(item.platform), takes_them=taken)} "
            "Vérifiez l’activité\u00a0: le mot seul ne prouve rien.",
            reason="branche-inexacte" if taken else ACCOUNTING_FIRM_REASON,
        )
    domain = fold_domain(email.rpartition("@")[2])
    if is_webmail_domain(domain):
        yield HintFlag(
            ReviewHint.WEBMAIL,
            "Adresse d’une messagerie personnelle",
            f"N’importe qui peut ouvrir une adresse en @{domain}.",
            "Acceptée si elle est nominative. Fréquent dans les très petites entreprises\u202f; "
            "elle ne dit rien du lien avec l’établissement.",
        )
    if not is_name_in_address(email, item.last_name, item.first_name):
        yield HintFlag(
            ReviewHint.NAME,
            "Le nom n’apparaît pas dans l’adresse",
            f"Ni «\u00a0{item.last_name}\u00a0» ni «\u00a0{item.first_name}\u00a0» dans "
            f"«\u00a0{email.rpartition('@')[0]}\u00a0».",
            "Adresse partagée, nom d’usage ou initiales\u00a0: en cas de doute, vérifiez qui lit "
            "cette boîte.",
        )
    if not item.department.in_territory:
        yield HintFlag(
            ReviewHint.TERRITORY,
            "Outre-mer, hors du territoire agréé",
            f"Département de l’établissement\u00a0: {department}.",
            "OPCO Mobilités n’est pas agréé dans ce territoire\u00a0: vérifiez le rattachement "
            "avant d’accepter.",
        )
    if item.delegation_id is None:
        yield HintFlag(
            ReviewHint.UNROUTED,
            "Aucune délégation ne reçoit cette demande",
            f"Département de l’établissement\u00a0: {department}.",
            "Il n’est rattaché à aucune délégation dans les tables\u00a0: aucune délégation n’a "
            "été prévenue.",
        )
