"""The project's own words for messages of Django's administration."""

import gettext
import re
from pathlib import Path

import django.contrib.admin
import pytest
from django.conf import settings
from django.utils import translation

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "fr" / "LC_MESSAGES" / "django.po"
DJANGO = Path(django.contrib.admin.__file__).parent / "locale" / "fr" / "LC_MESSAGES" / "django.mo"


def messages() -> list[tuple[str, str]]:
    joined = re.sub(r'"\n"', "", CATALOGUE.read_text(encoding="utf-8"))
    return re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', joined, re.MULTILINE)


@pytest.mark.parametrize(("original", "ours"), messages())
def test_django_has_the_message_and_says_ours(original: str, ours: str) -> None:
    with DJANGO.open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext(original) != original
    with translation.override("fr"):
        assert translation.gettext(original) == ours
