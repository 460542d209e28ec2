"""What a reviewer should look at twice. Pure. A flag decides nothing: it says why it is raised."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Mailboxes that people open for themselves: accepted, and said (D13).
WEBMAIL_DOMAINS: Final = frozenset(
    """aliceadsl.fr aol.com bbox.fr club-internet.fr free.fr gmail.com gmx.com gmx.fr googlemail.com
    hotmail.com hotmail.fr icloud.com laposte.net libertysurf.fr live.com live.fr mac.com mail.com
    mailo.com me.com msn.com neuf.fr noos.fr numericable.fr orange.fr outlook.com outlook.fr pm.me
    proton.me protonmail.com sfr.fr wanadoo.fr yahoo.com yahoo.fr ymail.com zoho.com""".split()
)

# S54. Words alone flag: a « fiduciaire » may own a garage.
_ACCOUNTING: Final = re.compile(
    r"\b(expert(?:e|s|ise|ises)? ?comptables?|cabinets? comptables?|comptabilite|fiduciaires?"
    r"|commissaires? aux comptes|agc|association de gestion et de comptabilite"
    r"|centres? de gestion agrees?)\b"
)


@dataclass(frozen=True, slots=True)
class Flag:
    """`title` says what was seen, `meaning` what it usually means and what to do about it."""

    code: str
    title: str
    meaning: str
    blocking: bool = False  # the flows refuse to approve as long as it stands


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^a-z0-9@.]+", " ", kept).split())


def is_webmail(domain: str) -> bool:
    return domain in WEBMAIL_DOMAINS


def has_accounting_words(company_name: str) -> bool:
    return _ACCOUNTING.search(_plain(company_name.replace(".", ""))) is not None


def name_in_address(email: str, last_name: str, first_name: str) -> bool:
    """Whether the part before the @ holds the last name, a part of it, or the whole first name."""
    local = re.sub(r"[^a-z]", "", _plain(email.rpartition("@")[0]))
    wanted = [part for part in _plain(last_name).replace(".", " ").split() if len(part) > 2]
    wanted += [re.sub(r"[^a-z]", "", _plain(name)) for name in (last_name, first_name)]
    return any(len(part) > 1 and part in local for part in wanted)


def flags_of(
    *,
    email: str,
    last_name: str,
    first_name: str,
    company_name: str,
    in_territory: bool,
    has_delegation: bool,
    account_active: bool,
) -> Iterator[Flag]:
    if not account_active:
        yield Flag(
            "account",
            "Le compte n’est pas actif",
            "La demande ne peut pas être acceptée tant que le compte reste dans cet état.",
            blocking=True,
        )
    if has_accounting_words(company_name):
        yield Flag(
            "accounting",
            "La raison sociale évoque un cabinet comptable",
            "M-Gestion n’est pas ouvert aux cabinets comptables. Vérifiez l’activité\u00a0: "
            "le mot seul ne prouve rien. Un motif de refus est prêt.",
        )
    if is_webmail(email.rpartition("@")[2].casefold()):
        yield Flag(
            "webmail",
            "Adresse d’une messagerie personnelle",
            "Acceptée si elle est nominative. Fréquent dans les très petites entreprises\u00a0; "
            "elle ne dit rien du lien avec l’établissement.",
        )
    if not name_in_address(email, last_name, first_name):
        yield Flag(
            "name",
            "Le nom n’apparaît pas dans l’adresse",
            "Adresse partagée, nom d’usage ou initiales\u00a0: en cas de doute, vérifiez qui lit "
            "cette boîte.",
        )
    if not in_territory:
        yield Flag(
            "territory",
            "Outre-mer, hors du territoire agréé",
            "OPCO Mobilités n’est pas agréé dans ce territoire\u00a0: vérifiez le rattachement "
            "avant d’accepter.",
        )
    if not has_delegation:
        yield Flag(
            "unrouted",
            "Aucune délégation ne reçoit cette demande",
            "Le département n’est rattaché à aucune délégation dans les tables\u00a0: aucune "
            "délégation n’a été prévenue.",
        )
