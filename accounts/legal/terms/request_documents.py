"""What somebody accepts by asking for an access to a platform: the terms, and its conditions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Q, QuerySet

from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms.flows import accept_version
from accounts.people.models import User
from mgestion.journal.actors import Actor


@dataclass(frozen=True, slots=True)
class RequestDocuments:
    """The versions in force, without their text: of the terms first, then of the platforms asked
    about that have specific conditions.
    """

    versions: tuple[TermsVersion, ...] = ()

    @property
    def stamp(self) -> str:
        """Posted with the form that showed them: another one later means that one has changed."""
        return " ".join(version.slug for version in self.versions)

    @property
    def conditions(self) -> tuple[TermsVersion, ...]:
        return tuple(version for version in self.versions if version.platform_id is not None)


# Plain values: to join two models of which most columns are left out costs more than the statement.
# In the order of the models' fields, which `from_db` takes for granted.
_VERSION: Final = ("id", "platform_id", "slug")
_PLATFORM_COLUMNS: Final = ("id", "code", "name", "position")
_PLATFORM: Final = ("platform__code", "platform__name", "platform__position")


def find_request_documents(codes: Collection[str], now: datetime) -> RequestDocuments:
    """What a request for one of these platforms accepts at `now`, whether or not the person has
    accepted it elsewhere: a request is proven by its own acceptance. One statement.
    """
    of_request = Q(platform__isnull=True) | Q(platform__code__in=codes)
    found = _select_published_values().filter(of_request, effective_at__lte=now)
    latest: dict[int | None, TermsVersion] = {}
    for pk, platform, slug, *of_platform in found:
        if platform not in latest:
            version = TermsVersion.from_db(DEFAULT_DB_ALIAS, _VERSION, (pk, platform, slug))
            if platform is not None:
                values = (platform, *of_platform)
                version.platform = Platform.from_db(DEFAULT_DB_ALIAS, _PLATFORM_COLUMNS, values)
            latest[platform] = version
    return RequestDocuments(tuple(sorted(latest.values(), key=_get_document_order)))


@cache
def _select_published_values() -> QuerySet[TermsVersion, tuple[Any, ...]]:
    """Every form asks it: written once, never evaluated itself."""
    return TermsVersion.objects.published().values_list(*_VERSION, *_PLATFORM)


def _get_document_order(version: TermsVersion) -> tuple[bool, int]:
    platform = version.platform
    return platform is not None, platform.position if platform else 0


@transaction.atomic
def accept_request_documents(user: User, code: str, *, now: datetime) -> list[TermsAcceptance]:
    """Keep that `user` accepted, by a request for the platform `code`, what is in force there (R62,
    R65, D68). The view compares the stamp that its form posted with that of today before.
    """
    return [
        accept_version(
            user,
            version,
            where=TermsAcceptance.Where.REQUEST,
            actor=Actor.person(user),
            now=now,
        )
        for version in find_request_documents([code], now).versions
    ]
