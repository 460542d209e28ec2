"""Reads the addresses of the servers behind the portal: database, broker, mail relay."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import environ
from django.core.exceptions import ImproperlyConfigured

from mgestion.settings.web_addresses import split_address

_SSL_MODES = ("disable", "require", "verify-ca", "verify-full")
_DEFAULT_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def read_database(url: str) -> dict[str, Any]:
    """Django's settings of a database; PostgreSQL gets the portal's own backend."""
    found: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if found["ENGINE"] == "django.db.backends.postgresql":
        found["ENGINE"] = "mgestion.database.postgresql"
    return found


def read_production_database(url: str) -> dict[str, object]:
    """PostgreSQL, over TLS with a verified certificate unless `sslmode` says otherwise."""
    parts = split_address(url.strip())
    if parts is None or parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(
            "DATABASE_URL must be postgresql://user:password@host[:port]/name: production runs on "
            "PostgreSQL."
        )
    found = read_database(url.strip())
    if not found.get("NAME"):
        raise ImproperlyConfigured("DATABASE_URL names no database: …@host:5432/name.")
    options: dict[str, object] = dict(found.get("OPTIONS") or {})
    mode = options.get("sslmode")
    if mode is not None and mode not in _SSL_MODES:
        raise ImproperlyConfigured(
            f"DATABASE_URL: sslmode={mode} falls back to plain text without a word: choose "
            f"{', '.join(_SSL_MODES)}."
        )
    if mode is None and not is_this_machine(str(options.get("host") or found.get("HOST") or "")):
        options["sslmode"] = mode = "verify-full"
    if mode in ("verify-full", "verify-ca"):
        # The system's authorities, unless the address names a file of its own.
        options.setdefault("sslrootcert", "system" if mode == "verify-full" else "")
    if options.get("sslrootcert") == "":
        raise ImproperlyConfigured(
            "DATABASE_URL: sslmode=verify-ca needs &sslrootcert=/path/to/the/authority.pem."
        )
    return {**found, "OPTIONS": options}


def read_redis(url: str) -> str:
    """The broker's address; `rediss://` verifies the certificate."""
    parts = split_address(url.strip())
    if parts is None or parts.scheme not in ("redis", "rediss", "redis+socket"):
        raise ImproperlyConfigured("REDIS_URL must be redis://, rediss:// or redis+socket://.")
    if parts.scheme != "redis+socket" and not parts.hostname:
        raise ImproperlyConfigured("REDIS_URL names no host.")
    if parts.scheme != "rediss":
        return url.strip()
    query = parse_qs(parts.query)
    wanted = query.get("ssl_cert_reqs", ["CERT_REQUIRED"])[-1]
    if wanted not in ("CERT_REQUIRED", "required"):
        raise ImproperlyConfigured(
            f"REDIS_URL: ssl_cert_reqs={wanted} takes any certificate: leave it out, and name your "
            "authority with ?ssl_ca_certs=/path."
        )
    query["ssl_cert_reqs"] = ["CERT_REQUIRED"]
    return parts._replace(query=urlencode(query, doseq=True)).geturl()


def read_smtp(url: str) -> dict[str, object]:
    parts = split_address(url.strip())
    if parts is None and split_address(url.rpartition(":")[0]) is not None:
        raise ImproperlyConfigured("SMTP_URL: the port must be a number to 65535.")
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ImproperlyConfigured(
            "SMTP_URL must be smtp://, smtp+tls:// or smtps:// [user:password@]host[:port]."
        )
    if parts.port == 0:
        raise ImproperlyConfigured("SMTP_URL: the port must be a number to 65535.")
    if parts.scheme == "smtp" and parts.password and not is_this_machine(parts.hostname):
        raise ImproperlyConfigured(
            "SMTP_URL would send its password in clear: choose smtp+tls:// or smtps://."
        )
    return {
        "host": parts.hostname,
        "port": parts.port or _DEFAULT_PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
    }


def is_this_machine(host: str) -> bool:
    """A socket's folder, or the loopback: nothing that travels."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
