"""How long each kind of data is kept, as the privacy page says it (R120, S32, D62).

Periods come from `settings.RETENTION`, that the purges read too: the page cannot promise another.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

DEFAULTS: dict[str, timedelta] = {
    "journal": timedelta(days=365),
    "mail_bodies": timedelta(days=60),
    "pending_accounts": timedelta(days=30),
    "ledger": timedelta(days=3 * 365),
    "block_list": timedelta(days=3 * 365),
    "uploads": timedelta(days=90),
    "backups": timedelta(days=30),
}


@dataclass(frozen=True)
class Row:
    """A line of the table: what, how long, and why that long. French, for people."""

    data: str
    period: str
    why: str


def in_words(period: timedelta) -> str:
    """A period in French: years of 365 days as months or years, else days, hours or minutes."""
    minutes = int(period.total_seconds()) // 60
    if period.days and period.days % 365 == 0:
        years = period.days // 365
        return "12\u00a0mois" if years == 1 else f"{years}\u00a0ans"
    for unit, size in (("jour", 24 * 60), ("heure", 60)):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count}\u00a0{unit}{'s' if count > 1 else ''}"
    return f"{minutes}\u00a0minute{'s' if minutes > 1 else ''}"


def period(kind: str) -> timedelta:
    """The period of `kind`, a key of `DEFAULTS`."""
    configured: dict[str, timedelta] = getattr(settings, "RETENTION", {})
    return configured.get(kind, DEFAULTS[kind])


def rows() -> list[Row]:
    """The table of the privacy page."""
    return [
        Row(
            "Compte et accès",
            "Tant que le compte sert\u202f; 24\u00a0mois sans activité, puis deux avis de "
            "15\u00a0jours calendaires, avant suppression",
            "Rendre le service, sans garder de compte oublié",
        ),
        Row(
            "Demandes d’accès et acceptations des conditions",
            "Autant que le compte",
            "Justifier les accès donnés",
        ),
        Row(
            "Inscription jamais terminée",
            in_words(period("pending_accounts")),
            "Laisser le temps de créer le mot de passe",
        ),
        Row(
            "Justificatifs déposés",
            f"{in_words(period('uploads'))} après la décision",
            "Permettre d’y revenir en cas de contestation",
        ),
        Row(
            "Texte des courriels envoyés",
            f"{in_words(period('mail_bodies'))}, et jamais plus que le compte",
            "Répondre à qui n’a pas reçu un courriel",
        ),
        Row(
            "Journal de sécurité",
            in_words(period("journal")),
            "Comprendre un incident\u202f; il ne sert à rien d’autre",
        ),
        Row(
            "Registre des suppressions (sans nom ni adresse)",
            in_words(period("ledger")),
            "Prouver qu’une suppression a eu lieu, et pourquoi",
        ),
        Row(
            "Empreinte d’une adresse bloquée",
            f"{in_words(period('block_list'))}, puis réexamen",
            "Refuser une nouvelle inscription après un manquement",
        ),
        Row(
            "Sauvegardes",
            in_words(period("backups")),
            "Rétablir le service\u202f; les suppressions y sont rejouées",
        ),
    ]
