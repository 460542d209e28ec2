"""docker-compose.yml, .env.example, settings and documentation agree. No engine is needed."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from mgestion.launch import probe
from mgestion.management.commands.show_settings import EXAMPLE_TITLE, format_example
from mgestion.settings import env
from mgestion.settings.options import option
from tests.environment.test_env import KEY, PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
OF_THE_IMAGE = {"DATA_DIR", "STATIC_DIR"}  # set in the Dockerfile
OF_COMPOSE = {"MGESTION_MODE", "DATABASE_URL", "REDIS_URL"}  # written in the file itself
# Read by docker-compose.yml alone.
FOR_COMPOSE = {"POSTGRES_PASSWORD", "DATABASE_PASSWORD", "REDIS_PASSWORD", "PORTAL_VERSION"} | {
    "PROXY_BODY_MAX",
    "GRAFANA_PASSWORD",
    "BACKUP_DAYS",
}
PROFILES = {
    "clamav": "antivirus",
    "backup": "backup",
    "mail": "mailcatcher",
    **dict.fromkeys(("prometheus", "alertmanager", "grafana"), "monitoring"),
}
KNOWN_KEYS = set(
    "image build init read_only tmpfs volumes cap_drop cap_add security_opt networks env_file "
    "environment depends_on restart logging ports healthcheck mem_limit cpus command profiles "
    "stop_grace_period shm_size secrets entrypoint".split()
)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def _read_variables() -> set[str]:
    """What production reads, without the behaviour of docs/settings.md."""
    return {*env.NEEDED, *env.OPTIONAL}


def _read_example() -> dict[str, str]:
    """Every name of .env.example with its value, commented out or not."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_each_process_of_the_portal_gets_every_variable(services: dict[str, Any]) -> None:
    ours = {name: each for name, each in services.items() if "build" in each}
    assert set(ours) == {"web", "worker", "worker-mail", "worker-platforms", "beat", "migrate"}
    for name, each in ours.items():
        assert each["env_file"] == [".env"], name
        assert set(each["environment"]) == OF_COMPOSE, name
        assert each["environment"]["MGESTION_MODE"] == "production"


def test_the_example_explains_every_variable_and_nothing_else() -> None:
    assert set(_read_example()) == {
        *(_read_variables() - OF_COMPOSE - OF_THE_IMAGE),
        *FOR_COMPOSE,
        *option.declared,
    }


def test_the_settings_of_the_example_are_the_ones_of_the_code() -> None:
    """Mend it with `manage.py show_settings --env`."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert text[text.index(EXAMPLE_TITLE) :] == f"{format_example()}\n"


def test_the_example_starts_the_portal_once_its_secrets_are_filled_in(
    services: dict[str, Any],
) -> None:
    given = {
        name: shlex.split(value)[0] if value else "" for name, value in _read_example().items()
    }
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    active = {line.partition("=")[0] for line in lines if re.match("[A-Z]", line)}
    empty = {name for name in active if not given[name]}
    assert {"SECRET_KEY", "SMTP_URL", "POSTGRES_PASSWORD"} <= empty  # no secret, no relay by itself
    filled = {name: PRODUCTION.get(name, KEY) if name in empty else given[name] for name in active}
    written = services["web"]["environment"]
    urls = {name: re.sub(r"\$\{.*?\}", "pass", value) for name, value in written.items()}
    found = env.read_environment({**filled, **urls}, ROOT)
    assert found.database["USER"] == "portal"
    assert found.redis_url == "redis://:pass@redis:6379/0"
    owner = services["migrate"]["environment"]["DATABASE_URL"]
    assert owner.startswith("postgres://portal_owner:")  # the portal owns no table


def test_the_operations_page_names_every_variable() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert _read_variables() | FOR_COMPOSE <= table
    assert table <= _read_variables() | FOR_COMPOSE | {*env.EMBEDDED_ONLY}


def test_every_key_is_one_that_compose_knows_and_what_is_named_exists(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    assert {key for key in compose if not key.startswith("x-")} <= {
        *("name", "services", "networks", "volumes", "secrets")
    }
    for name, each in services.items():
        assert set(each) <= KNOWN_KEYS, name
        assert set(each["networks"]) <= set(compose["networks"]), name
        assert set(each.get("depends_on", {})) <= set(services), name
        assert set(each.get("secrets", [])) <= set(compose["secrets"]), name
        for volume in each.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists(), (name, volume)
            assert not source.startswith(".") or volume.endswith(":ro"), (name, volume)


def test_every_service_is_watched_bounded_and_restarted(services: dict[str, Any]) -> None:
    for name, each in services.items():
        check = each["healthcheck"]
        assert check.get("disable") or (check["test"] and check["interval"] and check["timeout"])
        assert each["mem_limit"] and each["cpus"], name
        assert each["logging"]["options"] == {"max-size": "20m", "max-file": "5"}, name
        assert each["restart"] == ("no" if name == "migrate" else "unless-stopped")
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert each.get("profiles") == ([PROFILES[name]] if name in PROFILES else None), name


def test_images_have_a_fixed_version(services: dict[str, Any]) -> None:
    """A digest would be better: docs/operations.md says how to pin one."""
    for name, each in services.items():
        if "build" not in each:
            assert re.fullmatch(r"[a-z/]+:v?\d[\w.-]*(@sha256:[0-9a-f]{64})?", each["image"]), name


def test_the_proxy_is_the_only_door_and_the_stores_are_reached_by_the_portal_alone(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    for name, each in services.items():
        for port in each.get("ports", []):
            assert name == "proxy" or port.startswith("127.0.0.1:"), name
    assert services["proxy"]["ports"] == ["80:80", "443:443"]
    assert compose["networks"]["stores"] == {"internal": True}
    inside = {name for name, each in services.items() if "stores" in each["networks"]}
    assert inside == {"postgres", "redis", "backup"} | {
        n for n, each in services.items() if "build" in each
    }
    assert services["postgres"]["networks"] == services["redis"]["networks"] == ["stores"]


def test_no_secret_has_a_default_or_stands_on_a_command_line(services: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    used = re.findall(r"\$\{(\w*(?:KEY|PASSWORD|SECRET|TOKEN)\w*)([^}]*)\}", text)
    assert {name for name, _ in used} == {
        *("POSTGRES_PASSWORD", "DATABASE_PASSWORD", "REDIS_PASSWORD")
    }
    assert all(rest.startswith(":?") for _, rest in used), used
    for name, each in services.items():
        command = " ".join(each.get("command", []))
        assert not re.search(r"(?<!\$)\$\{?\w", command), name  # $$ is the shell's, inside


def test_the_scripts_that_are_called_are_where_compose_puts_them(services: dict[str, Any]) -> None:
    assert "./docs/deployment:/scripts:ro" in services["backup"]["volumes"]
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    called = re.findall(r"/scripts/([\w.-]+)", text + str(services["backup"]["command"]))
    assert len(called) > 1
    for name in called:
        assert (ROOT / "docs/deployment" / name).is_file(), name
    # The entry point of `backup` is a shell that waits for the day's hour.
    for line in re.findall(r"docker compose run [^`]* backup [^`]*", text):
        assert "--entrypoint sh backup /scripts/" in line, line


def test_the_proxys_file_reads_what_compose_hands_to_it(services: dict[str, Any]) -> None:
    caddy = (ROOT / "docs/deployment/Caddyfile").read_text(encoding="utf-8")
    assert set(re.findall(r"\{\$([A-Z_]+)", caddy)) == set(services["proxy"]["environment"])
    assert caddy.count("{") == caddy.count("}")
    assert "reverse_proxy web:8000" in caddy
    assert "/metrics /readyz" in caddy
    default = services["proxy"]["environment"]["PROXY_BODY_MAX"]
    megabytes = int(re.findall(r":-(\d+)MB", default)[0])
    largest = int(option.declared["UPLOAD_MAX_SIZE"].default[:-2])
    assert megabytes > largest * int(option.declared["UPLOAD_MAX_FILES"].default)


def test_the_proxy_finds_the_static_files_of_the_image(services: dict[str, Any]) -> None:
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "STATIC_DIR=/srv/static\n" in image
    assert "-o portal -m 755 /srv/published\n" in image
    migrate = services["migrate"]
    assert "static:/srv/published" in migrate["volumes"]
    assert "cp -R /srv/static/. /srv/published/" in migrate["command"][-1]
    caddy = (ROOT / "docs/deployment/Caddyfile").read_text(encoding="utf-8")
    assert "root * /srv\n" in caddy
    assert "static:/srv/static:ro" in services["proxy"]["volumes"]


def test_health_checks_ask_for_probes_that_exist(services: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"mgestion\.launch\.probe\"?,? \"?(\w+)", text)) == set(probe.PROBES)


def test_a_file_is_a_sign_of_life_as_long_as_it_is_touched(tmp_path: Path) -> None:
    assert not probe.is_fresh("*.alive", 60, tmp_path)
    (tmp_path / "celery@host.alive").touch()
    assert probe.is_fresh("*.alive", 60, tmp_path)
    assert not probe.is_fresh("*.alive", -1, tmp_path)
