"""The register of cookies: every one that the portal sets, for « Gestion des cookies ».

COOKIES are strictly necessary: no consent is asked for them. The others exist only where a
measurement of audience is set up (`accounts.legal.consent`). A test signs people up and in and
fails on a cookie that is not here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from mgestion.personal_data import format_period

LONGEST = timedelta(days=393)  # within 13 calendar months from any date


@dataclass(frozen=True)
class RegisteredCookie:
    """A kind of cookie. `life` is None for one that ends with the browser."""

    setting: str  # the setting that names it, or its name
    purpose: str
    life: Callable[[], timedelta | None]
    measuring: bool = False  # set by the measurement's script, after consent only

    @property
    def name(self) -> str:
        return str(getattr(settings, self.setting, self.setting))

    @property
    def duration(self) -> str:
        life = self.life()
        return format_period(life) if life else "Jusqu’à la fermeture du navigateur"


def _to_timedelta(age: int | None) -> timedelta | None:
    return None if age is None else timedelta(seconds=age)


COOKIES = (
    RegisteredCookie(
        "SESSION_COOKIE_NAME",
        "Vous garder connecté d’une page à l’autre.",
        lambda: (
            None
            if settings.SESSION_EXPIRE_AT_BROWSER_CLOSE
            else _to_timedelta(settings.SESSION_COOKIE_AGE)
        ),
    ),
    RegisteredCookie(
        "CSRF_COOKIE_NAME",
        "Empêcher un autre site d’envoyer un formulaire à votre place.",
        lambda: _to_timedelta(settings.CSRF_COOKIE_AGE),
    ),
    RegisteredCookie(
        "MESSAGES_COOKIE_NAME",
        "Porter jusqu’à la page suivante le message qui suit un envoi, et l’adresse que vous venez "
        "de confirmer.",
        lambda: None,
    ),
    RegisteredCookie(
        "DEVICE_COOKIE_NAME",
        "Reconnaître un appareil d’où vous vous êtes déjà connecté, pour que les essais manqués "
        "d’inconnus ne bloquent pas votre compte.",
        lambda: settings.KNOWN_DEVICE_LIFE,
    ),
)

CHOICE = RegisteredCookie(
    "CONSENT_COOKIE_NAME",
    "Retenir votre choix sur la mesure d’audience, sans rien dire d’autre de vous.",
    lambda: settings.CONSENT_LIFE,
)


def list_used_cookies() -> list[RegisteredCookie]:
    """Every cookie that this portal may set, as it is set up."""
    if not settings.MEASUREMENT_SCRIPT_URL:
        return list(COOKIES)
    return [
        *COOKIES,
        CHOICE,
        *(_build_measuring_cookie(*item) for item in settings.MEASUREMENT_COOKIES.items()),
    ]


def _build_measuring_cookie(name: str, days: int) -> RegisteredCookie:
    purpose = "Compter les visites et les pages vues, sans savoir qui vous êtes."
    life = timedelta(days=days) if days else None
    return RegisteredCookie(name, purpose, lambda: life, measuring=True)


@dataclass(frozen=True)
class Place:
    """A name and, where it is published, an address; `english`: its page is in English only."""

    name: str
    url: str = ""
    english: bool = False


BROWSERS = (  # R129
    Place(
        "Chrome",
        "https://support.google.com/chrome/answer/95647?hl=fr&co=GENIE.Platform=Desktop",
    ),
    Place(
        "Edge",
        "https://support.microsoft.com/fr-fr/help/4468242/microsoft-edge-browsing-data-and-privacy",
    ),
    Place(
        "Internet Explorer",
        "https://support.microsoft.com/fr-fr/help/17442/"
        "windows-internet-explorer-delete-manage-cookies",
    ),
    Place(
        "Firefox",
        "https://support.mozilla.org/en-US/kb/cookies-information-websites-store-on-your-computer",
        english=True,
    ),
    Place("Opera", "https://help.opera.com/en/latest/web-preferences/#cookies", english=True),
    Place("Safari", "https://support.apple.com/fr-fr/guide/safari/sfri11471/mac"),
)
PLATFORMS = (  # R130: M-Transition Energétique is not in the published list
    Place("opcomobilites.fr", "https://www.opcomobilites.fr/"),
    Place("mgestion.opcomobilites.fr", "https://mgestion.opcomobilites.fr/"),
    Place("mcampus.opcomobilites.fr", "https://mcampus.opcomobilites.fr/"),
    Place("mcontributions.opcomobilites.fr", "https://mcontributions.opcomobilites.fr/"),
    Place("M-Tutorat", "https://m-tutorat.fr/mtutorat2023/inscription.php"),
    Place("M-GEPP Solution"),
)
POLICY_URL = "https://www.opcomobilites.fr/politique-de-confidentialite"


def list_too_long_cookies() -> list[str]:
    """Names of the cookies that would outlive 13 months."""
    lives = [(cookie.name, cookie.life()) for cookie in list_used_cookies()]
    return [name for name, life in lives if life is not None and life > LONGEST]
