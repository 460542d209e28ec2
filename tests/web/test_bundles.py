"""The joined style sheets and scripts."""

import gc
import re
import warnings
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from mgestion.web.bundles import BUNDLES, UNHASHED, BundleFinder, CollectedFilesStorage


@pytest.mark.parametrize("bundle", BUNDLES)
def test_a_bundle_holds_its_parts_in_their_order(bundle: str) -> None:
    found = finders.find(bundle)
    assert isinstance(found, str)
    said = Path(found).read_text()
    parts = [Path(settings.BASE_DIR, "static", part).read_text() for part in BUNDLES[bundle]]
    assert said == "\n".join(parts)
    collected = [name for finder in finders.get_finders() for name, _ in finder.list([])]
    assert collected.count(bundle) == 1


def test_a_part_of_one_bundle_is_asked_by_no_page_that_has_the_bundle() -> None:
    for template in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        said = template.read_text()
        for bundle, parts in BUNDLES.items():
            if bundle in said:
                assert not [part for part in parts if part in said], template


@pytest.mark.django_db
def test_the_login_page_asks_for_two_files(client: Client) -> None:
    page = client.get("/cas/login").content.decode()
    assert re.findall(r"/static/[^\"' ]+", page) == ["/static/css/site.css", "/static/js/site.js"]


def test_the_folder_of_a_finder_goes_with_it_without_a_word() -> None:
    finder = BundleFinder()
    written = Path(finder.find("css/site.css"))
    assert written.exists()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del finder
        gc.collect()
    assert not written.exists()


def test_what_pages_name_is_compressed(tmp_path: Path) -> None:
    storage = CollectedFilesStorage(location=tmp_path)
    names = ("plain.css", "library.js", "library.min.js")
    for name in names:
        (tmp_path / name).write_text("body {}\n" * 99)
    list(storage.post_process({name: (storage, name) for name in names}))
    hashes = re.compile(r"\.[0-9a-f]{12}")
    for kind in ("br", "gz"):
        compressed = sorted(path.name for path in tmp_path.glob(f"*.{kind}"))
        assert all(map(hashes.search, compressed))
        assert [hashes.sub("", name) for name in compressed] == [
            f"library.min.js.{kind}",
            f"plain.css.{kind}",
        ]


def test_what_the_error_pages_name_without_a_hash_is_compressed_too(tmp_path: Path) -> None:
    storage = CollectedFilesStorage(location=tmp_path)
    (tmp_path / "css").mkdir()
    (tmp_path / "css/site.css").write_text("body {}\n" * 99)
    list(storage.post_process({"css/site.css": (storage, "css/site.css")}))
    assert (tmp_path / "css/site.css.br").exists()
    page = (settings.BASE_DIR / "templates/base_error.html").read_text(encoding="utf-8")
    assert set(re.findall(r"static_prefix }}([\w/.-]+)", page)) == UNHASHED
