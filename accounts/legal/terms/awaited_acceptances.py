"""The conditions that wait for a person's agreement, and the texts to come (`slots.to_do`).

The terms in force stand before every page (`gate`), and need no line here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms.gate import TERMS, write_waiting_document
from accounts.people.models import User
from accounts.people.to_do import ToDoLine, ToDoSource, Urgency
from mgestion.text.dates import french_moment


def select_awaited_versions(user: User, now: datetime) -> QuerySet[TermsVersion]:
    """Versions that `user` has to accept: in force, of the platforms that they may open; and
    to come, of these platforms and of the terms.
    """
    if not settings.TERMS_GATE_URL_NAME:
        return TermsVersion.objects.none()
    held = Access.objects.open().filter(
        user=user, platform=OuterRef("platform"), platform__enabled=True
    )
    replaced = TermsVersion.objects.published().filter(
        Q(effective_at__gt=OuterRef("effective_at"))
        | Q(effective_at=OuterRef("effective_at"), pk__gt=OuterRef("pk")),
        platform=OuterRef("platform"),
        effective_at__lte=now,
    )
    accepted = TermsAcceptance.objects.filter(user=user, version=OuterRef("pk"))
    rows = TermsVersion.objects.published().filter(
        Exists(held) | Q(platform__isnull=True, effective_at__gt=now), requires_acceptance=True
    )
    return rows.filter(~Exists(replaced), ~Exists(accepted))


def _list_lines(user: User, now: datetime) -> Iterable[ToDoLine]:
    rows = select_awaited_versions(user, now).select_related("platform").defer("body")
    for version in rows.order_by("effective_at", "pk"):
        document, code = version.document, version.platform.code if version.platform else ""
        if version.effective_at is not None and version.effective_at > now:
            yield ToDoLine(
                Urgency.ANNOUNCED,
                f"Les {document.name} changent",
                "Il vous sera demandé de les accepter à partir de ce jour.",
                "Lire le nouveau texte",
                version.get_absolute_url(),
                version.effective_at,
                f"À partir du {french_moment(version.effective_at)}",
            )
        else:
            yield ToDoLine(
                Urgency.BLOCKED,
                f"Les {document.name} attendent votre accord",
                "La plateforme s’ouvre dès que vous les avez acceptées.",
                "Lire et accepter",
                reverse(settings.CONDITIONS_GATE_URL_NAME, args=[code]),
                platform=code,
                tile="Conditions à accepter",
            )


_HELD: Final = """
    version.platform_id IN (SELECT held.platform_id FROM habilitations_access AS held
                            WHERE held.user_id = %s AND held.ended_at IS NULL)"""
_IN_FORCE: Final = write_waiting_document(user="%s", documents=_HELD)
_WAITS: Final = f"""
    ({_IN_FORCE} IS NOT NULL
     OR EXISTS (SELECT 1 FROM legal_termsversion AS version
                WHERE version.published_at IS NOT NULL AND version.requires_acceptance
                  AND version.effective_at > %s AND ({TERMS} OR {_HELD})))"""  # noqa: S608 - SQL of ours


def _ask_for_lines(user: User, now: datetime) -> tuple[str, list[object]]:
    return _WAITS, [user.pk, now, user.pk, now, user.pk]


SOURCE: Final = ToDoSource(waits=_ask_for_lines, list_lines=_list_lines)
