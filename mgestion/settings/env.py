"""Reads and checks the variables that say how the portal is deployed; `options.py` reads those that
say how it behaves. Nothing else reads the environment.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from mgestion.settings import connections, web_addresses
from mgestion.settings.bounces import NO_BOUNCES, BounceSettings, read_bounces
from mgestion.settings.keys import Keys, read_keys, read_metrics_token
from mgestion.settings.options import parse_email, parse_switch

EMBEDDED = "embedded"
PRODUCTION = "production"

# Variables for production only: the embedded mode refuses to start with any of them, so that a
# half-configured server never runs as the demo, whose mails and data are open.
PRODUCTION_ONLY = (
    "DATABASE_URL",
    "REDIS_URL",
    "SMTP_URL",
    "ALLOWED_HOSTS",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "HASH_KEY",
    "FACTOR_KEY",
    "BOUNCE_MAILBOX_URL",
    "BOUNCE_WEBHOOK_SECRET",
    "SENTRY_DSN",
)
NEEDED = (
    "SECRET_KEY",
    "HASH_KEY",
    "FACTOR_KEY",
    "ALLOWED_HOSTS",
    "PUBLIC_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "SMTP_URL",
    "MAIL_FROM",
)
OPTIONAL = (
    "MGESTION_MODE",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_POOLED",
    "TRUSTED_PROXY_COUNT",
    "METRICS_TOKEN",
    "SENTRY_DSN",
    "BOUNCE_ADDRESS",
    "BOUNCE_MAILBOX_URL",
    "BOUNCE_WEBHOOK_SECRET",
    "DATA_DIR",
    "ERASURE_LIST",
    "STATIC_DIR",
    "MEASUREMENT_SCRIPT_URL",
    "MEASUREMENT_SITE_ID",
    "MEASUREMENT_COOKIES",
    "COMPANY_DIRECTORY_URL",
)
DEMO_DIRECTORY = "/annuaire-de-demonstration/"
EMBEDDED_ONLY = ("PORT", "DEMO_PLATFORM_PORT")


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables, typed and checked."""

    mode: str
    data_dir: Path
    static_dir: Path
    erasure_list: Path
    keys: Keys
    allowed_hosts: list[str]
    public_url: str
    database: dict[str, object]
    redis_url: str
    smtp: dict[str, object]
    mail_from: str
    trusted_proxies: int
    metrics_token: str
    testing: bool
    company_directory: str
    database_pooled: bool = False
    bounces: BounceSettings = NO_BOUNCES
    sentry_dsn: str = ""
    measurement_script_url: str = ""
    measurement_site_id: str = ""
    measurement_cookies: dict[str, int] = field(default_factory=dict)
    demo_platform_url: str = ""

    @property
    def embedded(self) -> bool:
        return self.mode == EMBEDDED

    @property
    def database_options(self) -> dict[str, Any]:
        found: Any = self.database.get("OPTIONS") or {}
        return dict(found)

    @property
    def passkey_origin(self) -> str:
        """The origin of passkeys, as browsers write it; localhost in the demo, since passkeys do
        not work on IP addresses.
        """
        parts = urlsplit(self.public_url)
        usual = 80 if self.embedded else 443
        port = "" if parts.port in (None, usual) else f":{parts.port}"
        return f"http://localhost{port}" if self.embedded else f"https://{parts.hostname}{port}"


def read_environment(variables: Mapping[str, str], base_dir: Path) -> Environment:
    """Reads and checks `variables`. ImproperlyConfigured names the variable and the remedy."""
    mode = variables.get("MGESTION_MODE", EMBEDDED)
    testing = read_switch(variables, "MGESTION_TESTING", default=False)
    if mode not in (EMBEDDED, PRODUCTION):
        raise ImproperlyConfigured(
            f"MGESTION_MODE={mode!r}: choose {EMBEDDED!r} (one machine, demo) or {PRODUCTION!r}."
        )
    if mode == EMBEDDED:
        if not testing:
            _refuse_production_settings(variables)
        return _read_embedded(variables, base_dir, testing=testing)
    return _read_production(variables, base_dir, testing=testing)


def read_switch(variables: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = variables.get(name)
    if text is None:
        return default
    try:
        return parse_switch(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={text!r}: on or off (or 1 or 0).") from None


def _refuse_production_settings(variables: Mapping[str, str]) -> None:
    present = [name for name in PRODUCTION_ONLY if variables.get(name)]
    if present:
        raise ImproperlyConfigured(
            f"{', '.join(present)} is set, but the mode is embedded (a demo on one machine). "
            "Set MGESTION_MODE=production to use it, or unset it."
        )


def _read_embedded(variables: Mapping[str, str], base_dir: Path, *, testing: bool) -> Environment:
    data_dir = _read_path(variables, "DATA_DIR", base_dir / "data", absolute=False)
    port = web_addresses.read_port(variables, "PORT", 8000)
    beside = port + 1 if port < 65535 else port - 1
    platform_port = web_addresses.read_port(variables, "DEMO_PLATFORM_PORT", beside)
    database: dict[str, object] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(data_dir / "portal.sqlite3"),
    }
    if testing and variables.get("DATABASE_URL"):
        database = connections.read_database(variables["DATABASE_URL"])
    key = "testing-only" * 5 if testing else _get_checkout_secret(data_dir)
    smtp = testing and variables.get("SMTP_URL")
    return Environment(
        mode=EMBEDDED,
        data_dir=data_dir,
        static_dir=_read_path(variables, "STATIC_DIR", data_dir / "static", absolute=False),
        erasure_list=_read_path(
            variables, "ERASURE_LIST", data_dir / "erasures.jsonl", absolute=False
        ),
        keys=Keys(secret=key, fallbacks=[], hashes=[f"{key}:hash"], factors=[f"{key}:factor"]),
        allowed_hosts=["127.0.0.1", "localhost", "[::1]"],
        public_url=variables.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        database=database,
        redis_url=variables.get("REDIS_URL", "") if testing else "",
        smtp=connections.read_smtp(variables["SMTP_URL"]) if smtp else {},
        mail_from="Espace de connexion <ne-pas-repondre@portail.example.org>",
        trusted_proxies=0,
        metrics_token="",
        testing=testing,
        measurement_script_url=web_addresses.read_measurement_script(variables),
        measurement_site_id=web_addresses.read_measurement_site(variables),
        measurement_cookies=web_addresses.read_measurement_cookies(variables),
        company_directory=_read_demo_directory(variables, port, testing=testing),
        demo_platform_url=f"http://127.0.0.1:{platform_port}",
    )


def _read_demo_directory(variables: Mapping[str, str], port: int, *, testing: bool) -> str:
    """The demo's invented directory, which the portal serves itself; an empty value is none."""
    if "COMPANY_DIRECTORY_URL" in variables or testing:
        return web_addresses.read_company_directory(variables, loopback=True)
    return f"http://127.0.0.1:{port}{DEMO_DIRECTORY}?q={{siret}}&per_page=1"


def _read_production(variables: Mapping[str, str], base_dir: Path, *, testing: bool) -> Environment:
    missing = [name for name in NEEDED if not variables.get(name, "").strip()]
    if missing:
        raise ImproperlyConfigured(
            f"Production needs {', '.join(missing)}: see docs/operations.md."
        )
    data_dir = _read_path(variables, "DATA_DIR", base_dir / "data")
    keys = read_keys(variables)
    hosts = web_addresses.read_hosts(variables["ALLOWED_HOSTS"])
    return Environment(
        mode=PRODUCTION,
        data_dir=data_dir,
        static_dir=_read_path(variables, "STATIC_DIR", data_dir / "static"),
        erasure_list=_read_path(variables, "ERASURE_LIST", data_dir / "erasures.jsonl"),
        keys=keys,
        allowed_hosts=hosts,
        public_url=web_addresses.read_public_url(variables["PUBLIC_URL"], hosts),
        database=connections.read_production_database(variables["DATABASE_URL"]),
        database_pooled=read_switch(variables, "DATABASE_POOLED", default=False),
        redis_url=connections.read_redis(variables["REDIS_URL"]),
        smtp=connections.read_smtp(variables["SMTP_URL"]),
        mail_from=_read_mail_from(variables["MAIL_FROM"]),
        trusted_proxies=_read_proxies(variables),
        metrics_token=read_metrics_token(variables, keys),
        bounces=read_bounces(variables, keys),
        sentry_dsn=web_addresses.read_sentry_dsn(variables),
        testing=testing,
        measurement_script_url=web_addresses.read_measurement_script(variables),
        measurement_site_id=web_addresses.read_measurement_site(variables),
        measurement_cookies=web_addresses.read_measurement_cookies(variables),
        company_directory=web_addresses.read_company_directory(variables),
    )


def _read_path(
    variables: Mapping[str, str], name: str, default: Path, *, absolute: bool = True
) -> Path:
    """An empty value would be the current folder, a relative one would depend on it."""
    text = variables.get(name)
    if text is None:
        return default.resolve()
    if not text.strip() or absolute and not Path(text).is_absolute():
        raise ImproperlyConfigured(f"{name}={text!r}: an absolute path, or leave it out.")
    return Path(text).resolve()


def _read_proxies(variables: Mapping[str, str]) -> int:
    text = variables.get("TRUSTED_PROXY_COUNT", "1")
    if text not in ("0", "1", "2", "3", "4", "5"):
        raise ImproperlyConfigured(
            f"TRUSTED_PROXY_COUNT={text!r}: the number of proxies before the portal, 0 to 5."
        )
    return int(text)


def _read_mail_from(text: str) -> str:
    try:
        ((_, address),) = getaddresses([text])
        parse_email(address)
    except ValueError:
        raise ImproperlyConfigured(
            f"MAIL_FROM={text!r}: write Name <address@domain>, the sender that people see."
        ) from None
    return text


def _get_checkout_secret(data_dir: Path) -> str:
    """The demo's secret, generated once in the data folder."""
    path = data_dir / "secret-key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        # Web and worker start together: `link` keeps the first file, and no partial one is read.
        mine = data_dir / f"secret-key.{os.getpid()}"
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_urlsafe(64), encoding="ascii")
        with suppress(FileExistsError):
            os.link(mine, path)
        mine.unlink()
    return path.read_text(encoding="ascii").strip()
