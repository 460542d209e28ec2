"""The portal's style sheets in one file, and its scripts in another: a first visit asks little.

A finder of static files: `collectstatic` and a test's server find the bundles like other files.
And the storage that collects them.
"""

import shutil
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# In the order of the cascade. A bundle stands in the folder of its parts: they name other files.
BUNDLES: Final = {
    "css/site.css": (
        "vendor/bootstrap/bootstrap.min.css",
        "css/tokens.css",
        "css/portal.css",
        "css/components.css",
        "css/forms.css",
        "css/print.css",
        "css/review.css",
    ),
    "js/site.js": (
        "js/nav.js",
        "js/form.js",
        "js/dialog.js",
        "js/copy.js",
        "js/password.js",
        "js/passkey.js",
        "js/codes.js",
        "js/dependent-fields.js",
        "js/siret.js",
        "js/establishment.js",
        "js/response-time.js",
    ),
}


class BundleFinder(BaseFinder):
    """Writes the bundles to a temporary folder that goes with the finder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        folder = mkdtemp(prefix="bundles-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.storage = FileSystemStorage(folder)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [self._write(path)] if path in BUNDLES else []
        return found if find_all else next(iter(found), [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for path in BUNDLES:
            self._write(path)
            yield path, self.storage

    def _write(self, path: str) -> str:
        written = Path(self.storage.path(path))
        written.parent.mkdir(exist_ok=True)
        source = Path(settings.BASE_DIR, "static")
        written.write_text("\n".join((source / part).read_text() for part in BUNDLES[path]))
        return str(written)


# What error pages name without a hash: they are drawn without the manifest (base_error.html).
UNHASHED: Final = frozenset({"css/site.css", "img/dead-end.svg", "img/mark.svg"})


class CollectedFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compresses what pages name: not the other copies without a hash, nor what has a minified
    version, which together take two thirds of the processor time of `collectstatic`.
    """

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        known = self.hashed_files
        named = {known[name] for name in known if _name_minified(name) not in known}
        yield from super().compress_files((named | UNHASHED).intersection(paths))


def _name_minified(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_suffix(f".min{path.suffix}"))
