"""The mails about versions of the terms."""

from datetime import datetime
from typing import Final

from django.conf import settings

from accounts.legal.models import TermsRequest, TermsVersion, TermsWithdrawal
from accounts.legal.terms import announcing, request_flows
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
from mgestion.web.links import build_absolute_url


def build_terms_notice(mail: Mail, now: datetime) -> MailContent | None:
    """None once the version is in force, or the account no longer active."""
    user = User.objects.filter(public_id=mail.subject_id, status=Status.ACTIVE).first()
    version = TermsVersion.objects.published().filter(slug=mail.cycle).defer("body").first()
    if user is None or version is None or version.effective_at is None:
        return None
    if version.effective_at <= now:
        return None
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "version": version.label,
            "effective": french_date(version.effective_at),
            "requires_acceptance": version.requires_acceptance,
            "difference_url": build_absolute_url("legal:terms_difference", version.slug),
            "action_url": build_absolute_url("legal:terms_version", version.slug),
        },
    )


def build_terms_withdrawn(mail: Mail, now: datetime) -> MailContent | None:
    """None for those who were not told of that version, or whose account is no longer active."""
    user = User.objects.filter(public_id=mail.subject_id, status=Status.ACTIVE).first()
    told = Mail.objects.filter(
        key=f"{announcing.KIND}:{mail.subject_id}:{mail.cycle}", status=MailStatus.SENT
    ).exists()
    row = TermsWithdrawal.objects.filter(version__slug=mail.cycle).select_related("version").first()
    if user is None or row is None or not told or row.version.effective_at is None:
        return None
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "version": row.version.label,
            "effective": french_date(row.version.effective_at),
            "action_url": build_absolute_url("legal:terms"),
        },
    )


def build_version_sent(mail: Mail, now: datetime) -> MailContent | None:
    """None once the request is forgotten."""
    request = TermsRequest.objects.filter(pk=mail.subject_id).select_related("version").first()
    if request is None:
        return None
    version = request.version
    effective = version.effective_at if version else None
    return MailContent(
        to=request.email,
        values={
            "asked": request.asked,
            "version": version.label if version else "",
            "effective": french_date(effective) if effective else "",
            "to_come": bool(effective and effective > now),
            "answer": request.answer,
            "action_url": build_absolute_url("legal:terms_version", version.slug)
            if version
            else "",
        },
        reply_to=settings.CONTACT_EMAIL,
    )


_VERSION: Final = line_value("version", "intitulé de la version", "Version 2 des conditions")
_EFFECTIVE: Final = line_value(
    "effective", "jour d’effet", "mercredi 1er avril 2026", required=True
)
MAILS: Final = (
    MailKind(
        announcing.KIND,
        "nouvelles conditions d’utilisation",
        build_terms_notice,
        (
            *(_VERSION, _EFFECTIVE),
            flag_value("requires_acceptance", "la version est à accepter"),
            link_value(
                "difference_url", "page des différences", "/conditions/exemple/differences/"
            ),
            link_value("action_url", "page de la version", "/conditions/exemple/"),
        ),
    ),
    MailKind(
        announcing.WITHDRAWN,
        "nouvelles conditions retirées",
        build_terms_withdrawn,
        (_VERSION, _EFFECTIVE, link_value("action_url", "conditions en vigueur", "/conditions/")),
    ),
    MailKind(
        request_flows.SENT,
        "ancienne version des conditions",
        build_version_sent,
        (
            line_value("asked", "ce que la personne a demandé", "Version de 2024"),
            line_value("version", "intitulé de la version trouvée, parfois vide", "Version 1"),
            line_value("effective", "jour d’effet, parfois vide", "lundi 1er janvier 2024"),
            flag_value("to_come", "la version n’est pas encore en vigueur", sample=False),
            paragraphs_value("answer", "réponse de l’agent, parfois vide", "Voici cette version."),
            link_value("action_url", "page de la version", "/conditions/exemple/"),
        ),
    ),
)
