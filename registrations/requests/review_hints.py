"""What a reviewer should look at twice, found from the answers alone. A signal decides nothing.

Those of `KEPT` are stored on the request with its answers, so that the queue filters by them; the
others follow from rows that change by themselves (account, tables).
"""

import re
from collections.abc import Iterable
from typing import Final

from django.db import models

from accounts.people.addresses import fold_domain
from mgestion.text.search_words import strip_accents


class Signal(models.TextChoices):
    """Short names for a column of the queue; the decision page says more (`admin.flags`)."""

    ACCOUNT = "compte", "compte non actif"
    BLOCKED = "bloquee", "personne bloquée"
    ACCOUNTING = "comptable", "cabinet comptable\u202f?"
    WEBMAIL = "messagerie", "messagerie personnelle"
    NAME = "nom", "nom absent de l’adresse"
    ACTIVITY = "activite", "activité comptable"
    CLOSED = "ferme", "établissement fermé"
    ELSEWHERE = "ailleurs", "autre département"
    TERRITORY = "territoire", "hors territoire agréé"
    UNROUTED = "non-routee", "non routée"


ANSWERED: Final = (Signal.ACCOUNTING, Signal.WEBMAIL, Signal.NAME)
# Raised by what the company directory says of the answers, later (`flows.companies`).
DIRECTORY: Final = (Signal.ACTIVITY, Signal.CLOSED, Signal.ELSEWHERE)
KEPT: Final = (*ANSWERED, *DIRECTORY)

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


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9@.]+", " ", strip_accents(text.casefold())).split())


def is_webmail(domain: str) -> bool:
    return domain in WEBMAIL_DOMAINS


def has_accounting_words(company_name: str) -> bool:
    return bool(accounting_word(company_name))


def name_in_address(email: str, last_name: str, first_name: str) -> bool:
    """Whether the part before the @ holds the last name, a part of it, or the whole first name."""
    local = re.sub(r"[^a-z]", "", _plain(email.rpartition("@")[0]))
    wanted = [part for part in _plain(last_name).replace(".", " ").split() if len(part) > 2]
    wanted += [re.sub(r"[^a-z]", "", _plain(name)) for name in (last_name, first_name)]
    return any(len(part) > 1 and part in local for part in wanted)


def accounting_word(company_name: str) -> str:
    """The word that was seen, without accents nor capitals; empty when there is none."""
    found = _ACCOUNTING.search(_plain(company_name.replace(".", "")))
    return found[0] if found else ""


def kept_signals(*, email: str, last_name: str, first_name: str, company_name: str) -> str:
    """The codes for the row, as ",messagerie,nom,"; empty when there is none."""
    raised = {
        Signal.ACCOUNTING: has_accounting_words(company_name),
        Signal.WEBMAIL: is_webmail(fold_domain(email.rpartition("@")[2])),
        Signal.NAME: not name_in_address(email, last_name, first_name),
    }
    return joined(code.value for code in ANSWERED if raised[code])


def joined(codes: Iterable[str]) -> str:
    """As the row keeps them, so that ",nom," finds no other word."""
    kept = ",".join(codes)
    return f",{kept}," if kept else ""


def codes_of(kept: str) -> frozenset[str]:
    return frozenset(code for code in kept.split(",") if code)
