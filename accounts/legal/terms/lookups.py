"""The document that an address names, and the version before a version."""

from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404

from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsVersion


def get_platform_or_404(code: str) -> Platform | None:
    """None for "", the general terms. A closed platform whose conditions were published keeps its
    pages: what somebody accepted stays readable.
    """
    if not code:
        return None
    published = TermsVersion.objects.of(OuterRef("pk")).published()
    readable = Platform.objects.filter(Q(enabled=True) | Exists(published))
    return get_object_or_404(readable, code=code)


def find_previous_version(version: TermsVersion) -> TermsVersion | None:
    """The published version that `version` follows; a draft follows the latest one."""
    rows = TermsVersion.objects.of(version.platform_id).published().select_related("platform")
    if version.published_at is not None:
        rows = rows.filter(effective_at__lt=version.effective_at)
    return rows.exclude(pk=version.pk).first()
