"""The documents that have versions: the general terms, and each platform's specific conditions."""

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class LegalDocument:
    """Names and addresses of a document. `code`: of the platform; "": the general terms."""

    code: str = ""
    platform_name: str = ""

    @property
    def name(self) -> str:
        """In the middle of a sentence, after an article in the plural."""
        if self.code:
            return f"conditions spécifiques de {self.platform_name}"
        return "conditions générales d’utilisation"

    @property
    def title(self) -> str:
        return f"{self.name[:1].upper()}{self.name[1:]}"

    @property
    def url(self) -> str:
        """The version in force."""
        return self._get_url("")

    @property
    def archive_url(self) -> str:
        return self._get_url("_archive")

    def get_version_url(self, slug: str) -> str:
        return self._get_url("_version", slug)

    def get_difference_url(self, slug: str) -> str:
        return self._get_url("_difference", slug)

    def _get_url(self, page: str, *args: str) -> str:
        if self.code:
            return reverse(f"legal:conditions{page}", args=[self.code, *args])
        return reverse(f"legal:terms{page}", args=args)
