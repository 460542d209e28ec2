"""What a reviewer should look at twice, found from the answers alone. A hint decides nothing.

Those of `STORED_HINTS` are stored in `Request.signals` with the answers, so that the queue filters
by them; the others are computed from rows that change by themselves (account, tables).
"""

import re
from collections.abc import Iterable
from typing import Final

from django.db import models

from accounts.habilitations.enums import EstablishmentKind
from accounts.people.addresses import fold_domain
from mgestion.text.search_words import strip_accents


class ReviewHint(models.TextChoices):
    """Short labels for a column of the queue; the decision page explains them."""

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


ANSWER_HINTS: Final = (ReviewHint.ACCOUNTING, ReviewHint.WEBMAIL, ReviewHint.NAME)
# Computed later, from the answer of the company directory.
DIRECTORY_HINTS: Final = (ReviewHint.ACTIVITY, ReviewHint.CLOSED, ReviewHint.ELSEWHERE)
STORED_HINTS: Final = (*ANSWER_HINTS, *DIRECTORY_HINTS)

# Personal mailboxes: accepted, with a hint for the reviewer.
WEBMAIL_DOMAINS: Final = frozenset(
    """aliceadsl.fr aol.com bbox.fr club-internet.fr free.fr gmail.com gmx.com gmx.fr googlemail.com
    hotmail.com hotmail.fr icloud.com laposte.net libertysurf.fr live.com live.fr mac.com mail.com
    mailo.com me.com msn.com neuf.fr noos.fr numericable.fr orange.fr outlook.com outlook.fr pm.me
    proton.me protonmail.com sfr.fr wanadoo.fr yahoo.com yahoo.fr ymail.com zoho.com""".split()
)

# A word is only a hint: a « fiduciaire » may own a garage.
_ACCOUNTING: Final = re.compile(
    r"\b(expert(?:e|s|ise|ises)? ?comptables?|cabinets? comptables?|comptabilite|fiduciaires?"
    r"|commissaires? aux comptes|agc|association de gestion et de comptabilite"
    r"|centres? de gestion agrees?)\b"
)


def _fold_text(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9@.]+", " ", strip_accents(text.casefold())).split())


def is_webmail_domain(domain: str) -> bool:
    return domain in WEBMAIL_DOMAINS


def is_name_in_address(email: str, last_name: str, first_name: str) -> bool:
    """Whether the local part contains the last name, one of its words, or the whole first name."""
    local = re.sub(r"[^a-z]", "", _fold_text(email.rpartition("@")[0]))
    wanted = [part for part in _fold_text(last_name).replace(".", " ").split() if len(part) > 2]
    wanted += [re.sub(r"[^a-z]", "", _fold_text(name)) for name in (last_name, first_name)]
    return any(len(part) > 1 and part in local for part in wanted)


def find_accounting_word(company_name: str) -> str:
    """The accounting word of the name, lower-case without accents; "" when there is none."""
    found = _ACCOUNTING.search(_fold_text(company_name.replace(".", "")))
    return found[0] if found else ""


def compute_answer_hints(
    *, email: str, last_name: str, first_name: str, company_name: str, kind: str
) -> str:
    """The hints of the answers in the form of `Request.signals`: ",messagerie,nom," or ""."""
    raised = {
        ReviewHint.ACCOUNTING: kind != EstablishmentKind.CABINET_COMPTABLE
        and bool(find_accounting_word(company_name)),
        ReviewHint.WEBMAIL: is_webmail_domain(fold_domain(email.rpartition("@")[2])),
        ReviewHint.NAME: not is_name_in_address(email, last_name, first_name),
    }
    return join_hint_codes(code.value for code in ANSWER_HINTS if raised[code])


def join_hint_codes(codes: Iterable[str]) -> str:
    """The codes between commas, so that a search for ",nom," matches this code only."""
    kept = ",".join(codes)
    return f",{kept}," if kept else ""


def split_hint_codes(kept: str) -> frozenset[str]:
    return frozenset(code for code in kept.split(",") if code)
