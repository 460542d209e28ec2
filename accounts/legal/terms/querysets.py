"""Ways to find versions of the terms."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

from mgestion.errors import Refused

if TYPE_CHECKING:
    from accounts.habilitations.platforms.models import Platform
    from accounts.legal.models import TermsVersion


class TermsVersionQuerySet(models.QuerySet["TermsVersion"]):
    def of(self, platform: "Platform | int | models.OuterRef | None") -> "TermsVersionQuerySet":
        """The versions of one document: a platform's specific conditions, None for the CGU."""
        return self.filter(platform=platform)

    def published(self) -> "TermsVersionQuerySet":
        """Drafts and withdrawn versions left out; the latest date of effect first."""
        rows = self.filter(published_at__isnull=False, withdrawal__isnull=True)
        return rows.order_by("-effective_at", "-pk")

    def in_force(
        self, now: datetime, platform: "Platform | int | None" = None
    ) -> "TermsVersion | None":
        """The version that binds at `now`: the published one of its document whose effect came
        last.
        """
        return self.of(platform).published().filter(effective_at__lte=now).first()

    def delete(self) -> Any:
        """Refuses as soon as one of the rows was published: versions are archived."""
        if self.filter(published_at__isnull=False).exists():
            raise Refused("terms.published", "Une version publiée est archivée, jamais supprimée.")
        return super().delete()
