"""Reads and checks the environment variables; nothing else does."""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

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
    "HASH_KEY",
    "FACTOR_KEY",
)


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables, typed and checked."""

    mode: str
    data_dir: Path
    static_dir: Path
    erasure_list: Path
    secret_key: str
    hash_keys: list[str]
    factor_keys: list[str]
    allowed_hosts: list[str]
    public_url: str
    database: dict[str, object]
    redis_url: str
    smtp: dict[str, object]
    mail_from: str
    trusted_proxies: int
    metrics_token: str
    testing: bool
    lifecycle_enabled: bool
    company_directory: str
    measurement_script_url: str = ""
    measurement_site_id: str = ""
    measurement_cookies: dict[str, int] = field(default_factory=dict)

    @property
    def embedded(self) -> bool:
        return self.mode == EMBEDDED

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
    env = environ.Env()
    env.ENVIRON = dict(variables)
    mode = env.str("MGESTION_MODE", default=EMBEDDED)
    testing = env.bool("MGESTION_TESTING", default=False)
    if mode not in (EMBEDDED, PRODUCTION):
        raise ImproperlyConfigured(
            f"MGESTION_MODE={mode!r}: choose {EMBEDDED!r} (one machine, demo) or {PRODUCTION!r}."
        )
    data_dir = _read_path(env, "DATA_DIR", base_dir / "data")
    if mode == EMBEDDED:
        if not testing:
            _refuse_production_settings(env)
        return _read_embedded(env, data_dir, testing=testing)
    return _read_production(env, data_dir, testing=testing)


def _refuse_production_settings(env: environ.Env) -> None:
    present = [name for name in PRODUCTION_ONLY if env.ENVIRON.get(name)]
    if present:
        raise ImproperlyConfigured(
            f"{', '.join(present)} is set, but the mode is embedded (a demo on one machine). "
            "Set MGESTION_MODE=production to use it, or unset it."
        )


def _read_embedded(env: environ.Env, data_dir: Path, *, testing: bool) -> Environment:
    port = _read_port(env)
    database: dict[str, object] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(data_dir / "portal.sqlite3"),
    }
    if testing and env.str("DATABASE_URL", default=""):
        database = dict(env.db_url("DATABASE_URL"))
    key = "testing-only" * 5 if testing else _get_checkout_secret(data_dir)
    return Environment(
        mode=EMBEDDED,
        data_dir=data_dir,
        static_dir=_read_path(env, "STATIC_DIR", data_dir / "static"),
        erasure_list=_read_path(env, "ERASURE_LIST", data_dir / "erasures.jsonl"),
        secret_key=key,
        hash_keys=[f"{key}:hash"],
        factor_keys=[f"{key}:factor"],
        allowed_hosts=["127.0.0.1", "localhost", "[::1]"],
        public_url=env.str("PUBLIC_URL", default=f"http://127.0.0.1:{port}").rstrip("/"),
        database=database,
        redis_url=env.str("REDIS_URL", default="") if testing else "",
        smtp=_read_smtp(env) if testing and env.str("SMTP_URL", default="") else {},
        mail_from="Espace de connexion <ne-pas-repondre@portail.example.org>",
        trusted_proxies=0,
        metrics_token="",
        testing=testing,
        lifecycle_enabled=env.bool("LIFECYCLE_ENABLED", default=True),
        measurement_script_url=_read_measurement_script(env),
        measurement_site_id=env.str("MEASUREMENT_SITE_ID", default=""),
        measurement_cookies=_read_measurement_cookies(env),
        company_directory=_read_company_directory(env),
    )


def _read_production(env: environ.Env, data_dir: Path, *, testing: bool) -> Environment:
    needed = (
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
    missing = [name for name in needed if not env.str(name, default="")]
    if missing:
        raise ImproperlyConfigured(
            f"Production needs {', '.join(missing)}: see docs/operations.md."
        )
    secret_key = env.str("SECRET_KEY")
    hash_keys = [key for key in env.list("HASH_KEY") if key]
    factor_keys = [key for key in env.list("FACTOR_KEY") if key]
    named = [("SECRET_KEY", secret_key)]
    named += [("HASH_KEY", key) for key in hash_keys]
    named += [("FACTOR_KEY", key) for key in factor_keys]
    for name, value in named:
        if len(value) < 50 or len(set(value)) < 10:
            raise ImproperlyConfigured(f"{name} is too weak: at least 50 random characters.")
    if secret_key in hash_keys:
        raise ImproperlyConfigured(
            "HASH_KEY must differ from SECRET_KEY: it outlives its rotation."
        )
    if {secret_key, *hash_keys} & set(factor_keys):
        raise ImproperlyConfigured(
            "FACTOR_KEY must differ from SECRET_KEY and HASH_KEY: it is rotated by itself."
        )
    hosts = env.list("ALLOWED_HOSTS")
    if "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS=* trusts any Host header: name the hosts.")
    public_url = env.str("PUBLIC_URL").rstrip("/")
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(
            "PUBLIC_URL must be https:// and a host, no path: mails' links begin with it."
        )
    if parts.hostname not in hosts:
        raise ImproperlyConfigured(f"PUBLIC_URL's host {parts.hostname!r} is not in ALLOWED_HOSTS.")
    if urlsplit(env.str("DATABASE_URL")).scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(
            "DATABASE_URL must be postgresql://…: production runs on PostgreSQL."
        )
    database = dict(env.db_url("DATABASE_URL"))
    redis_url = env.str("REDIS_URL")
    if urlsplit(redis_url).scheme not in ("redis", "rediss", "redis+socket"):
        raise ImproperlyConfigured("REDIS_URL must be redis://, rediss:// or redis+socket://.")
    proxies = env.str("TRUSTED_PROXY_COUNT", default="1")
    if proxies not in ("0", "1", "2", "3", "4", "5"):
        raise ImproperlyConfigured(
            "TRUSTED_PROXY_COUNT: the number of proxies before the portal, 0 to 5."
        )
    token = env.str("METRICS_TOKEN", default="")
    if token and len(token) < 32:
        raise ImproperlyConfigured(
            "METRICS_TOKEN is too weak: at least 32 random characters, or leave it out."
        )
    return Environment(
        mode=PRODUCTION,
        data_dir=data_dir,
        static_dir=_read_path(env, "STATIC_DIR", data_dir / "static"),
        erasure_list=_read_path(env, "ERASURE_LIST", data_dir / "erasures.jsonl"),
        secret_key=secret_key,
        hash_keys=hash_keys,
        factor_keys=factor_keys,
        allowed_hosts=hosts,
        public_url=public_url,
        database=database,
        redis_url=redis_url,
        smtp=_read_smtp(env),
        mail_from=env.str("MAIL_FROM"),
        trusted_proxies=int(proxies),
        metrics_token=token,
        testing=testing,
        lifecycle_enabled=env.bool("LIFECYCLE_ENABLED", default=True),
        measurement_script_url=_read_measurement_script(env),
        measurement_site_id=env.str("MEASUREMENT_SITE_ID", default=""),
        measurement_cookies=_read_measurement_cookies(env),
        company_directory=_read_company_directory(env),
    )


def _read_path(env: environ.Env, name: str, default: Path) -> Path:
    return Path(env.str(name, default=str(default))).resolve()


def _read_company_directory(env: environ.Env) -> str:
    """The URL template of the company directory, "" for none; https, except on this machine."""
    address: str = env.str("COMPANY_DIRECTORY_URL", default="")
    if not address:
        return ""
    parts = urlsplit(address)
    local = parts.hostname in ("127.0.0.1", "localhost")
    if parts.scheme != "https" and not local or not parts.hostname or "{siret}" not in address:
        raise ImproperlyConfigured(
            "COMPANY_DIRECTORY_URL must be https://… with {siret} where the number goes."
        )
    return address


def _read_port(env: environ.Env) -> int:
    try:
        port: int = env.int("PORT", default=8000)
    except ValueError:
        raise ImproperlyConfigured(f"PORT={env.str('PORT')!r} is not a number.") from None
    if not 1 <= port <= 65535:
        raise ImproperlyConfigured(f"PORT={port}: choose a number from 1 to 65535.")
    return port


def _read_measurement_script(env: environ.Env) -> str:
    """The URL of the audience measurement script, "" for none; its origin is added to the CSP."""
    url: str = env.str("MEASUREMENT_SCRIPT_URL", default="")
    parts = urlsplit(url)
    if url and (parts.scheme != "https" or not re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc)):
        raise ImproperlyConfigured(
            f"MEASUREMENT_SCRIPT_URL={url!r} must be https:// and a host, in lower case."
        )
    return url


def _read_measurement_cookies(env: environ.Env) -> dict[str, int]:
    """« _pk_id=393,_pk_ses=0 » → days by name, shown on the page « Gestion des cookies »."""
    found: dict[str, int] = {}
    for item in env.list("MEASUREMENT_COOKIES", default=[]):
        name, _, days = item.partition("=")
        if not re.fullmatch(r"[\w.-]+", name) or not days.isdecimal():
            raise ImproperlyConfigured(
                f"MEASUREMENT_COOKIES: {item!r} is not name=days (0 = ends with the browser)."
            )
        found[name] = int(days)
    return found


def _read_smtp(env: environ.Env) -> dict[str, object]:
    parts = urlsplit(env.str("SMTP_URL"))
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("SMTP_URL: the port must be a number to 65535.") from None
    if parts.scheme not in ("smtp", "smtp+tls", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(
            "SMTP_URL must be smtp://, smtp+tls:// or smtps:// [user:password@]host[:port]."
        )
    default_port = {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme]
    return {
        "host": parts.hostname,
        "port": port or default_port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
    }


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
