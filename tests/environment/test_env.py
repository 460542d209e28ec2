"""The one place that reads the environment refuses nonsense, and says how to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

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
    first = env.read_environment(here, ROOT).secret_key
    assert len(first) > 50
    assert env.read_environment(here, ROOT).secret_key == first
    assert env.read_environment(there, ROOT).secret_key != first
    assert (tmp_path / "a" / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", env.PRODUCTION_ONLY)
def test_embedded_refuses_to_start_beside_a_production_setting(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{name} is set, but the mode is embedded"):
        env.read_environment({"DATA_DIR": str(tmp_path), name: PRODUCTION[name]}, ROOT)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"MGESTION_MODE": "prod"}, "MGESTION_MODE='prod': choose"),
        ({"PORT": "80a"}, "PORT='80a' is not a number"),
        ({"PORT": "0"}, "PORT=0: choose a number from 1 to 65535"),
        ({"PORT": "65536"}, "PORT=65536"),
    ],
)
def test_embedded_refuses_nonsense(variables: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        env.read_environment({"DATA_DIR": str(tmp_path), **variables}, ROOT)


def test_production_reads_what_it_needs() -> None:
    found = production(METRICS_TOKEN="t" * 32, HASH_KEY=f"{KEY[::-1]},{KEY[::-1].lower()}")
    assert not found.embedded
    assert found.database["ENGINE"] == "django.db.backends.postgresql"
    assert found.smtp == {
        "host": "mail.example.org",
        "port": 587,
        "username": "user",
        "password": "p@ss",
        "use_tls": True,
        "use_ssl": False,
    }
    assert found.trusted_proxies == 1
    assert found.hash_keys == [KEY[::-1], KEY[::-1].lower()]


def test_production_names_everything_that_is_missing_at_once() -> None:
    with pytest.raises(
        ImproperlyConfigured, match="SECRET_KEY, HASH_KEY, FACTOR_KEY, ALLOWED_HOSTS, PUBLIC"
    ):
        env.read_environment({"MGESTION_MODE": "production"}, ROOT)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too weak"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY is too weak"),
        ("HASH_KEY", "short", "HASH_KEY is too weak"),
        ("HASH_KEY", f"{KEY[::-1]},short", "HASH_KEY is too weak"),
        ("HASH_KEY", KEY, "HASH_KEY must differ from SECRET_KEY"),
        ("FACTOR_KEY", "short", "FACTOR_KEY is too weak"),
        ("FACTOR_KEY", KEY, "FACTOR_KEY must differ from SECRET_KEY"),
        ("FACTOR_KEY", KEY[::-1], "FACTOR_KEY must differ from SECRET_KEY and HASH_KEY"),
        ("ALLOWED_HOSTS", "*", r"ALLOWED_HOSTS=\* trusts any Host"),
        ("PUBLIC_URL", "http://portail.example.org", "PUBLIC_URL must be https://"),
        ("PUBLIC_URL", "https://portail.example.org/app", "PUBLIC_URL must be https://"),
        ("PUBLIC_URL", "https://other.example.org", "'other.example.org' is not in ALLOWED_HOSTS"),
        ("DATABASE_URL", "sqlite:////tmp/x.sqlite3", "DATABASE_URL must be postgresql://"),
        ("REDIS_URL", "filesystem://", "REDIS_URL must be redis://"),
        ("SMTP_URL", "mail.example.org", "SMTP_URL must be smtp://"),
        ("SMTP_URL", "http://mail.example.org", "SMTP_URL must be smtp://"),
        ("TRUSTED_PROXY_COUNT", "6", "TRUSTED_PROXY_COUNT: the number of proxies"),
        ("TRUSTED_PROXY_COUNT", "one", "TRUSTED_PROXY_COUNT: the number of proxies"),
        ("SMTP_URL", "smtp://mail.example.org:x", "SMTP_URL: the port must be a number"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
        ("METRICS_TOKEN", "short", "METRICS_TOKEN is too weak"),
    ],
)
def test_production_refuses_nonsense(name: str, value: str, message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        production(**{name: value})


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


@pytest.mark.req("S24")
def test_the_deployment_check_has_nothing_to_say_of_production(tmp_path: Path) -> None:
    """One check is silenced there: the address is unique by its folded key, which Django can't
    know. The other one speaks of SQLite.
    """
    done = _manage(
        "check", "--deploy", "--fail-level", "INFO", **PRODUCTION, DATA_DIR=str(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    assert "no issues (1 silenced)" in done.stdout
    assert settings.SILENCED_SYSTEM_CHECKS == ["auth.W004", "models.W040"]


def test_production_has_no_mailbox_and_refuses_demo_data(tmp_path: Path) -> None:
    script = (
        "import django; django.setup()\n"
        "from django.urls import resolve, Resolver404\n"
        "from django.conf import settings\n"
        "try:\n    resolve('/courriels/')\nexcept Resolver404:\n    print('no mailbox')\n"
        "print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.DEBUG)\n"
    )
    variables = {**PRODUCTION, "DATA_DIR": str(tmp_path)}
    done = _manage("shell", "--no-imports", "-c", script, **variables)
    assert done.stdout.splitlines() == ["no mailbox", "__Host-sessionid True False"], done.stderr
    demo = _manage("load_demo", **variables)
    assert demo.returncode != 0
    assert "This is production" in demo.stderr


def test_a_refused_environment_is_one_clear_sentence(tmp_path: Path) -> None:
    done = _manage("check", MGESTION_MODE="production", DATA_DIR=str(tmp_path))
    assert done.returncode != 0
    assert "Production needs SECRET_KEY" in done.stderr


def test_no_company_directory_is_asked_unless_one_is_named() -> None:
    assert production().company_directory == ""
    address = "https://annuaire.example.org/search?q={siret}"
    assert production(COMPANY_DIRECTORY_URL=address).company_directory == address


@pytest.mark.parametrize(
    "address",
    ["http://annuaire.example.org/{siret}", "https://annuaire.example.org/", "annuaire/{siret}"],
)
def test_a_directory_in_clear_or_without_a_place_for_the_number_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="COMPANY_DIRECTORY_URL must be https"):
        production(COMPANY_DIRECTORY_URL=address)
