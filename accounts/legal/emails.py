"""The mails about versions of the terms."""

from datetime import datetime
from typing import Final

from django.conf import settings

from accounts.habilitations.accesses.models import Access
from accounts.legal.models import TermsRequest, TermsVersion, TermsWithdrawal
from accounts.legal.terms import announcing, request_flows
from accounts.legal.terms.lookups import find_previous_version
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    flag_value,
    line_value,
    link_value,
    paragraphs_value,
)
from mgestion.outbox.models import Mail, MailStatus
from mgestion.text.dates import french_date
from mgestion.web.links import make_absolute


def build_terms_notice(mail: Mail, now: datetime) -> MailContent | None:
    """None once the version is in force, the account no longer active, or without an access to
    the platform whose conditions change.
    """
    user = User.objects.filter(public_id=mail.subject_id, status=Status.ACTIVE).first()
    versions = TermsVersion.objects.published().select_related("platform").defer("body")
    version = versions.filter(slug=mail.cycle).first()
    if user is None or version is None or version.effective_at is None:
        return None
    if version.effective_at <= now:
        return None
    accesses = Access.objects.open().filter(user=user, platform=version.platform_id)
    if version.platform_id is not None and not accesses.exists():
        return None
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "document": version.document.name,
            "platform": version.document.platform_name,
            "version": version.label,
            "effective": french_date(version.effective_at),
            "requires_acceptance": version.requires_acceptance,
            "difference_url": make_absolute(version.difference_url)
            if find_previous_version(version)
            else "",
            "action_url": make_absolute(version.get_absolute_url()),
        },
    )


def build_terms_withdrawn(mail: Mail, now: datetime) -> MailContent | None:
    """None for those who were not told of that version, or whose account is no longer active."""
    user = User.objects.filter(public_id=mail.subject_id, status=Status.ACTIVE).first()
    told = Mail.objects.filter(
        key=f"{announcing.KIND}:{mail.subject_id}:{mail.cycle}", status=MailStatus.SENT
    ).exists()
    rows = TermsWithdrawal.objects.select_related("version__platform")
    row = rows.filter(version__slug=mail.cycle).first()
    if user is None or row is None or not told or row.version.effective_at is None:
        return None
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "document": row.version.document.name,
            "version": row.version.label,
            "effective": french_date(row.version.effective_at),
            "action_url": make_absolute(row.version.document.url),
        },
    )


def build_version_sent(mail: Mail, now: datetime) -> MailContent | None:
    """None once the request is forgotten."""
    requests = TermsRequest.objects.select_related("platform", "version__platform")
    request = requests.filter(pk=mail.subject_id).first()
    if request is None:
        return None
    version = request.version
    effective = version.effective_at if version else None
    return MailContent(
        to=request.email,
        values={
            "document": request.document.name,
            "asked": request.asked,
            "version": version.label if version else "",
            "effective": french_date(effective) if effective else "",
            "to_come": bool(effective and effective > now),
            "answer": request.answer,
            "action_url": make_absolute(version.get_absolute_url()) if version else "",
        },
        reply_to=settings.CONTACT_EMAIL,
    )


_DOCUMENT: Final = line_value(
    "document",
    "nom du document, après un article au pluriel",
    "conditions générales d’utilisation",
    required=True,
)
_VERSION: Final = line_value("version", "intitulé de la version", "Version 2 des conditions")
_EFFECTIVE: Final = line_value(
    "effective", "jour d’effet", "mercredi 1er avril 2026", required=True
)
MAILS: Final = (
    MailKind(
        announcing.KIND,
        "nouvelles conditions",
        build_terms_notice,
        (
            *(_DOCUMENT, _VERSION, _EFFECTIVE),
            line_value("platform", "plateforme des conditions, vide pour les CGU", "M-Campus"),
            flag_value("requires_acceptance", "la version est à accepter"),
            link_value(
                "difference_url",
                "page des différences, vide pour une première version",
                "/conditions/exemple/differences/",
                required=False,
            ),
            link_value("action_url", "page de la version", "/conditions/exemple/"),
        ),
    ),
    MailKind(
        announcing.WITHDRAWN,
        "nouvelles conditions retirées",
        build_terms_withdrawn,
        (
            *(_DOCUMENT, _VERSION, _EFFECTIVE),
            link_value("action_url", "conditions en vigueur", "/conditions/"),
        ),
    ),
    MailKind(
        request_flows.SENT,
        "ancienne version des conditions",
        build_version_sent,
        (
            _DOCUMENT,
            line_value("asked", "ce que la personne a demandé", "Version de 2024"),
            line_value("version", "intitulé de la version trouvée, parfois vide", "Version 1"),
            line_value("effective", "jour d’effet, parfois vide", "lundi 1er janvier 2024"),
            flag_value("to_come", "la version n’est pas encore en vigueur", sample=False),
            paragraphs_value("answer", "réponse de l’agent, parfois vide", "Voici cette version."),
            link_value("action_url", "page de la version", "/conditions/exemple/"),
        ),
    ),
)
