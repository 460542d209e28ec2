"""The one place that reads the environment refuses nonsense, and says how to mend it."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import kombu
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from mgestion.settings import env

ROOT = Path(__file__).resolve().parents[2]
KEY = "k7Qw2Zr9Xt4Lp1Vb6Nm3Hs8Jd5Gf0Ca-k7Qw2Zr9Xt4Lp1Vb6Nm3Hs8Jd"
PRODUCTION = {
    "MGESTION_MODE": "production",
    "SECRET_KEY": KEY,
    "HASH_KEY": KEY[::-1],
    "FACTOR_KEY": KEY[5:] + KEY[:5],
    "ALLOWED_HOSTS": "portail.example.org",
    "PUBLIC_URL": "https://portail.example.org",
    "DATABASE_URL": "postgresql://portal:pass@db.example.org/portal",
    "REDIS_URL": "redis://redis.example.org:6379/0",
    "SMTP_URL": "smtp+tls://user:p%40ss@mail.example.org",
    "MAIL_FROM": "Espace de connexion <ne-pas-repondre@portail.example.org>",
}


def production(**changes: str | None) -> env.Environment:
    variables = {**PRODUCTION, **changes}
    return env.read_environment(
        {name: value for name, value in variables.items() if value is not None}, ROOT
    )


def test_embedded_is_the_default_and_needs_nothing(tmp_path: Path) -> None:
    found = env.read_environment({"DATA_DIR": str(tmp_path)}, ROOT)
    assert found.embedded
    assert found.database["NAME"] == str(tmp_path / "portal.sqlite3")
    assert found.allowed_hosts == ["127.0.0.1", "localhost", "[::1]"]
    assert found.public_url == "http://127.0.0.1:8000"
    assert found.redis_url == ""
    assert found.smtp == {}


def test_each_checkout_has_a_secret_of_its_own_that_stays(tmp_path: Path) -> None:
    here, there = {"DATA_DIR": str(tmp_path / "a")}, {"DATA_DIR": str(tmp_path / "b")}
    first = env.read_environment(here, ROOT).keys.secret
    assert len(first) > 50
    assert env.read_environment(here, ROOT).keys.secret == first
    assert env.read_environment(there, ROOT).keys.secret != first
    assert (tmp_path / "a" / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", env.PRODUCTION_ONLY)
def test_embedded_refuses_to_start_beside_a_production_setting(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{name} is set, but the mode is embedded"):
        env.read_environment({"DATA_DIR": str(tmp_path), name: PRODUCTION.get(name, KEY)}, ROOT)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"MGESTION_MODE": "prod"}, "MGESTION_MODE='prod': choose"),
        ({"PORT": "80a"}, "PORT='80a' is not a number"),
        ({"PORT": "0"}, "PORT=0: choose a number from 1 to 65535"),
        ({"PORT": "65536"}, "PORT=65536"),
        ({"DEMO_PLATFORM_PORT": "0"}, "DEMO_PLATFORM_PORT=0: choose"),
    ],
)
def test_embedded_refuses_nonsense(variables: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        env.read_environment({"DATA_DIR": str(tmp_path), **variables}, ROOT)


def test_production_reads_what_it_needs() -> None:
    found = production(METRICS_TOKEN=TOKEN, HASH_KEY=f"{KEY[::-1]},{KEY[::-1].lower()}")
    assert not found.embedded
    assert found.database["ENGINE"] == "mgestion.database.postgresql"
    assert found.smtp == {
        "host": "mail.example.org",
        "port": 587,
        "username": "user",
        "password": "p@ss",
        "use_tls": True,
        "use_ssl": False,
    }
    assert found.trusted_proxies == 1
    assert found.keys.hashes == [KEY[::-1], KEY[::-1].lower()]


def test_the_mailbox_of_returned_mails_is_read_over_tls_from_its_address() -> None:
    url = (
        "imaps://retours%40example.org:p%23ss@mail.example.org/Retours%20bruts"
        "?ssl_ca_certs=/etc/ca.pem"
    )
    mailbox = production(
        BOUNCE_MAILBOX_URL=url, BOUNCE_ADDRESS="retours@example.org"
    ).bounces.mailbox
    assert mailbox is not None
    assert (mailbox.host, mailbox.port, mailbox.folder) == (
        "mail.example.org",
        993,
        "Retours bruts",
    )
    assert (mailbox.username, mailbox.password) == ("retours@example.org", "p#ss")
    assert mailbox.authority == "/etc/ca.pem"
    assert production(BOUNCE_MAILBOX_URL="").bounces.mailbox is None


def test_production_names_everything_that_is_missing_at_once() -> None:
    with pytest.raises(
        ImproperlyConfigured, match="SECRET_KEY, HASH_KEY, FACTOR_KEY, ALLOWED_HOSTS, PUBLIC"
    ):
        env.read_environment({"MGESTION_MODE": "production"}, ROOT)


TOKEN = "m9Xw3Kp5Vt7Rb1Nz8Qc2Hd6Ls4Jf0Ga3"
WRONG = {
    "MGESTION_MODE": [("", "choose 'embedded'"), ("prod", "choose 'embedded'")],
    "SECRET_KEY": [("short", "too weak"), ("a" * 60, "too weak"), ("  ", "Production needs")],
    "SECRET_KEY_FALLBACKS": [
        ("short", "too weak"),
        (KEY, "must differ from SECRET_KEY"),
        (f"{TOKEN * 2},{TOKEN * 2}", "holds one key twice"),
    ],
    "HASH_KEY": [
        ("short", "too weak"),
        (f"{KEY[::-1]},short", "too weak"),
        (KEY, "must differ from SECRET_KEY"),
        (f"{KEY[::-1]},{KEY[::-1]}", "holds one key twice"),
        (",", "HASH_KEY holds no key"),
    ],
    "FACTOR_KEY": [
        ("short", "too weak"),
        (KEY, "must differ from SECRET_KEY"),
        (KEY[::-1], "must differ from HASH_KEY"),
    ],
    "ALLOWED_HOSTS": [
        ("*", r"ALLOWED_HOSTS=\* trusts any Host"),
        ("https://portail.example.org", "no host name"),
        ("portail.example.org:443", "no host name"),
        ("portail.example.org,", "no host name"),
        ("Portail.Example.org", "in lower case"),
    ],
    "PUBLIC_URL": [
        ("http://portail.example.org", "must be https://"),
        ("portail.example.org", "must be https://"),
        ("https://portail.example.org/app", "must be https://"),
        ("https://portail.example.org:port", "must be https://"),
        ("https://other.example.org", "'other.example.org' is not in ALLOWED_HOSTS"),
    ],
    "DATABASE_URL": [
        ("nonsense", "must be postgresql://"),
        ("sqlite:////tmp/x.sqlite3", "must be postgresql://"),
        ("postgresql://db.example.org:port/portal", "must be postgresql://"),
        ("postgresql://portal:pass@db.example.org", "names no database"),
        ("postgresql://db.example.org/portal?sslmode=prefer", "falls back to plain text"),
        ("postgresql://db.example.org/portal?sslmode=oui", "falls back to plain text"),
        ("postgresql://db.example.org/portal?sslmode=verify-ca", "needs &sslrootcert"),
    ],
    "DATABASE_POOLED": [("", "on or off"), ("oui", "on or off")],
    "REDIS_URL": [
        ("filesystem://", "must be redis://"),
        ("redis.example.org", "must be redis://"),
        ("redis://", "names no host"),
        ("rediss://redis.example.org/0?ssl_cert_reqs=none", "takes any certificate"),
    ],
    "SMTP_URL": [
        ("mail.example.org", "must be smtp://"),
        ("http://mail.example.org", "must be smtp://"),
        ("smtp://mail.example.org:x", "the port must be a number"),
        ("smtp://mail.example.org:0", "the port must be a number"),
        ("smtp://user:pass@mail.example.org", "would send its password in clear"),
    ],
    "MAIL_FROM": [
        ("Espace de connexion", "write Name <address@domain>"),
        ("portail@", "write Name <address@domain>"),
        ("a@example.org, b@example.org", "write Name <address@domain>"),
    ],
    "TRUSTED_PROXY_COUNT": [("", "0 to 5"), ("6", "0 to 5"), ("one", "0 to 5"), ("-1", "0 to 5")],
    "METRICS_TOKEN": [
        ("short", "too weak"),
        ("a" * 40, "too weak"),
        ("é" * 40, "too weak"),
        (KEY, "must differ from the keys"),
    ],
    "SENTRY_DSN": [
        ("oui", "must be https://key@host/number"),
        ("http://key@sentry.example.org/1", "must be https://key@host/number"),
        ("https://sentry.example.org/1", "must be https://key@host/number"),
        ("https://key@sentry.example.org/", "must be https://key@host/number"),
        ("https://key@sentry.example.org:x/1", "must be https://key@host/number"),
    ],
    "BOUNCE_ADDRESS": [
        ("oui", "one address"),
        ("retours@", "one address"),
        ("a@example.org, b@example.org", "one address"),
    ],
    "BOUNCE_MAILBOX_URL": [
        ("oui", "must be imaps://"),
        ("imap://retours:pass@mail.example.org", "must be imaps://"),
        ("imaps://retours:pass@mail.example.org:x", "must be imaps://"),
        ("imaps://retours:pass@mail.example.org:0", "must be imaps://"),
        ("imaps://retours@mail.example.org", "names no user or no password"),
        ("imaps://mail.example.org/INBOX", "names no user or no password"),
        ("imaps://retours:pass@mail.example.org?ssl_cert_reqs=none", "knows one parameter"),
        ("imaps://retours:pa#ss@mail.example.org", "must be imaps://"),
    ],
    "BOUNCE_WEBHOOK_SECRET": [
        ("short", "too weak"),
        ("a" * 40, "too weak"),
        ("é" * 40, "too weak"),
        (KEY, "must differ from the keys"),
    ],
    "DATA_DIR": [("", "an absolute path"), ("data", "an absolute path")],
    "ERASURE_LIST": [("", "an absolute path"), ("erasures.jsonl", "an absolute path")],
    "STATIC_DIR": [("", "an absolute path"), ("static", "an absolute path")],
    "MEASUREMENT_SCRIPT_URL": [
        ("http://mesure.example.org/x.js", "must be https://"),
        ("https://Mesure.example.org/x.js", "in lower case"),
        ("oui", "must be https://"),
    ],
    "MEASUREMENT_SITE_ID": [('"><script>', "letters, digits"), ("a" * 101, "letters, digits")],
    "MEASUREMENT_COOKIES": [
        ("_pk_id", "is not name=days"),
        ("_pk_id=long", "is not name=days"),
        ("_pk_id=393;_pk_ses=0", "is not name=days"),
    ],
    "COMPANY_DIRECTORY_URL": [
        ("http://annuaire.example.org/{siret}", "must be https"),
        ("https://annuaire.example.org/", "must be https"),
        ("https://annuaire.example.org:port/{siret}", "must be https"),
        ("annuaire/{siret}", "must be https"),
        ("http://127.0.0.1:8000/?q={siret}", "must be https"),
    ],
}


def test_the_table_of_nonsense_has_every_variable() -> None:
    assert {*env.NEEDED, *env.OPTIONAL} == set(WRONG)


@pytest.mark.parametrize("name", WRONG)
def test_production_refuses_nonsense(name: str) -> None:
    for value, message in WRONG[name]:
        with pytest.raises(ImproperlyConfigured, match=message) as refusal:
            production(**{name: value})
        assert name in str(refusal.value)
        if name in (
            "SECRET_KEY",
            "SECRET_KEY_FALLBACKS",
            "HASH_KEY",
            "FACTOR_KEY",
            "METRICS_TOKEN",
            "BOUNCE_MAILBOX_URL",
            "BOUNCE_WEBHOOK_SECRET",
        ):
            assert not value.strip(" ,") or value not in str(refusal.value)


@pytest.mark.parametrize("name", env.NEEDED)
def test_a_needed_variable_that_is_empty_is_missing(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"Production needs {name}: see"):
        production(**{name: " "})


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("postgres://db.example.org/p", {"sslmode": "verify-full", "sslrootcert": "system"}),
        ("postgres://db.example.org/p?sslmode=disable", {"sslmode": "disable"}),
        (
            "postgres://db.example.org/p?sslmode=verify-ca&sslrootcert=/etc/ca.pem",
            {"sslmode": "verify-ca", "sslrootcert": "/etc/ca.pem"},
        ),
        ("postgres://127.0.0.1/p", {}),
        ("postgres:////run/postgresql/p", {}),
        ("postgres:///p?host=/run/postgresql", {"host": "/run/postgresql"}),
    ],
)
def test_the_database_is_verified_unless_it_is_on_this_machine_or_said_otherwise(
    url: str, options: dict[str, str]
) -> None:
    assert production(DATABASE_URL=url).database["OPTIONS"] == options


def test_a_broker_over_tls_is_verified() -> None:
    found = production(REDIS_URL="rediss://:pass@redis.example.org/0?ssl_ca_certs=/etc/ca.pem")
    link = kombu.Connection(found.redis_url)
    assert isinstance(link.ssl, dict)
    assert link.ssl["ssl_cert_reqs"] == ssl.CERT_REQUIRED
    assert link.ssl["ssl_ca_certs"] == "/etc/ca.pem"
    assert link.hostname == "redis.example.org"


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtps://mail.example.org", 465, False, True),
        ("smtp+tls://mail.example.org:2525", 2525, True, False),
    ],
)
def test_the_mail_servers_address_says_how_to_speak_to_it(
    url: str, port: int, tls: bool, ssl: bool
) -> None:
    smtp = production(SMTP_URL=url).smtp
    assert (smtp["port"], smtp["use_tls"], smtp["use_ssl"]) == (port, tls, ssl)


def _manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """manage.py with nothing of the tests' own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **changes},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


_LOOK = """
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import Resolver404, resolve
call_command("check", deploy=True, fail_level="INFO")
print(settings.SILENCED_SYSTEM_CHECKS)
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.DEBUG)
try:
    resolve("/courriels/")
except Resolver404:
    print("no mailbox")
try:
    call_command("load_demo")
except CommandError as refused:
    print(refused)
"""


@pytest.mark.req("S24")
def test_production_has_no_fault_no_mailbox_and_no_demo_data(tmp_path: Path) -> None:
    """One check is silenced there: the address is unique by its folded key, which Django can't
    know. The other one speaks of SQLite.
    """
    done = _manage("shell", "--no-imports", "-c", _LOOK, **PRODUCTION, DATA_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    check, silenced, session, mailbox, demo = done.stdout.splitlines()
    assert "no issues (1 silenced)" in check
    assert silenced == "['auth.W004', 'models.W040']"
    assert session == "__Host-sessionid True False"
    assert mailbox == "no mailbox"
    assert "This is production" in demo


def test_a_refused_environment_is_one_clear_sentence(tmp_path: Path) -> None:
    done = _manage("check", MGESTION_MODE="production", DATA_DIR=str(tmp_path))
    assert done.returncode != 0
    assert "Production needs SECRET_KEY" in done.stderr


def test_the_demo_asks_its_own_company_directory_unless_another_or_none_is_named(
    tmp_path: Path,
) -> None:
    demo = {"DATA_DIR": str(tmp_path), "PORT": "8123"}
    asked = env.read_environment(demo, ROOT).company_directory
    assert asked == f"http://127.0.0.1:8123{reverse('registrations:demo_directory')}" + (
        "?q={siret}&per_page=1"
    )
    none = env.read_environment({**demo, "COMPANY_DIRECTORY_URL": ""}, ROOT)
    assert none.company_directory == ""


def test_no_company_directory_is_asked_unless_one_is_named() -> None:
    assert production().company_directory == ""
    address = "https://annuaire.example.org/search?q={siret}"
    assert production(COMPANY_DIRECTORY_URL=address).company_directory == address
