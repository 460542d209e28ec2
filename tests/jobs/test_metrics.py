"""/metrics, and the alerts and the dashboard that read it."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from mgestion import slots
from mgestion.jobs import metrics
from mgestion.jobs.flows import run_in_slot, run_sweep
from mgestion.jobs.models import JobTotal
from mgestion.journal.actors import Actor
from mgestion.journal.acts import JournalUpkeepAct
from mgestion.journal.flows import write_journal_entry
from mgestion.monitoring import counters, exposition
from mgestion.monitoring.middleware import RequestMetricsMiddleware
from mgestion.outbox.models import BounceOutcome, Mail, MailStatus
from tests.outbox.kinds import put, register

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 3, 0, tzinfo=UTC)
MONITORING = Path(__file__).resolve().parents[2] / "docs/monitoring"


def scrape(client: Client) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """Name of a sample → labels → value."""
    response = client.get("/metrics")
    assert response.status_code == 200
    found: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families(response.content.decode()):
        assert family.documentation not in ("", exposition.UNEXPLAINED), family.name
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def value(found: dict[str, Any], name: str, /, **labels: str) -> float:
    return float(found[name][frozenset(labels.items())])


@pytest.mark.both
def test_mails_switches_jobs_and_the_version_are_there(client: Client) -> None:
    register()
    put(now=NOW)
    dead = put(now=NOW)
    sent = put(now=NOW)
    Mail.objects.filter(pk=dead.pk).update(status=MailStatus.DEAD)
    figures, _ = metrics.collect_figures(NOW + timedelta(seconds=30))
    assert figures["outbox_queued"] == 2
    assert figures["outbox_dead"] == 1
    assert figures["outbox_lag_seconds"] == 30
    Mail.objects.filter(pk=sent.pk).update(status=MailStatus.SENT, accepted_at=NOW)
    assert metrics.collect_figures(NOW)[0]["outbox_sent_last_hour"] == 1
    found = scrape(client)
    assert value(found, "mgestion_switch", name="lifecycle") == 1
    assert value(found, "mgestion_switch", name="maintenance") == 0
    assert value(found, "mgestion_database_up") == 1
    assert value(found, "mgestion_scrape_failures") == 0
    assert len(found["mgestion_build_info"]) == 1
    assert {dict(labels)["job"] for labels in found["mgestion_job_runs_total"]} == set(slots.jobs)
    if connection.vendor == "postgresql":
        assert sum(found["mgestion_database_connections"].values()) >= 1


@pytest.mark.both
def test_runs_failures_and_time_of_a_job_add_up() -> None:
    def fails() -> None:
        raise OSError("away")

    assert metrics.measure_jobs(NOW)['job_runs_total{job="jobs.beat"}'] == 0, "never ran: a line"
    run_sweep("jobs.beat", NOW, lambda: {"sent": 1})
    with pytest.raises(OSError, match="away"):
        run_sweep("jobs.beat", NOW + timedelta(seconds=60), fails)
    run_in_slot("jobs.purge", "2026-03-17", NOW, lambda: {"runs": 2, "failed": 3})
    figures = metrics.measure_jobs(NOW)
    assert figures['job_runs_total{job="jobs.beat"}'] == 2
    assert figures['job_failures_total{job="jobs.beat"}'] == 1
    total = JobTotal.objects.get(job="jobs.beat")
    assert total.last_run_at == NOW + timedelta(seconds=60)
    assert total.last_success_at is not None and total.last_success_at < NOW + timedelta(seconds=9)
    assert figures['job_failed_rows{job="jobs.purge"}'] == 3


def test_a_group_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(now: datetime) -> dict[str, float]:
        raise KeyError("x")

    monkeypatch.setattr(slots.metrics, "_entries", {"a": breaks, "b": lambda now: {"b": 2.0}})
    figures, _ = metrics.collect_figures(NOW)
    assert (figures["b"], figures["scrape_failures"]) == (2.0, 1.0)


def test_without_a_database_the_counters_are_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: datetime) -> dict[str, float]:
        raise DatabaseError("away")

    monkeypatch.setattr(metrics, "measure_database", away)
    figures, words = metrics.collect_figures(NOW)
    assert figures["database_up"] == 0
    assert "outbox_queued" not in figures
    text = exposition.render_metrics(figures, words).decode()
    assert "mgestion_database_up 0.0" in text and "mgestion_requests_total" in text


def test_requests_are_counted_by_view_and_never_by_address(client: Client) -> None:
    series = counters.requests.labels("jobs:healthz", "GET", 200)
    before = series._value.get()  # noqa: SLF001
    client.get("/healthz")
    client.get("/mot-de-passe/SECRETKEY/")
    client.get("/nulle-part/SECRETKEY/")
    assert series._value.get() == before + 1  # noqa: SLF001
    found = scrape(client)
    views = {dict(labels)["view"] for labels in found["mgestion_requests_total"]}
    assert {"entry:reset_password", "unresolved"} <= views
    assert "SECRETKEY" not in client.get("/metrics").content.decode()
    assert value(found, "mgestion_request_seconds_count", view="unresolved") >= 1


def test_an_unknown_method_is_no_series_of_its_own() -> None:
    answer = RequestMetricsMiddleware(lambda request: metrics_response())
    answer(RequestFactory().generic("BREW", "/static/x.css"))
    assert counters.requests.labels("static", "other", 418)._value.get() >= 1  # noqa: SLF001


def metrics_response() -> Any:
    from django.http import HttpResponse

    return HttpResponse(status=418)


@pytest.mark.django_db(transaction=True)
def test_acts_of_the_journal_are_counted_once_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots.journal_listeners, "_entries", {})
    counters.count_acts()
    series = counters.acts.labels("journal.purged")
    before = series._value.get()  # noqa: SLF001
    write_journal_entry(JournalUpkeepAct.JOURNAL_PURGED, actor=Actor.system("tests"), now=NOW)
    assert series._value.get() == before + 1  # noqa: SLF001


def _read_names() -> set[str]:
    """The samples that /metrics can hold."""
    _, words = metrics.collect_figures(NOW)
    mine = {"requests_total", "journal_acts_total"}
    mine |= {f"request_seconds_{part}" for part in ("bucket", "count", "sum")}
    return {f"mgestion_{name}" for name in (*words, *mine)}


def test_alerts_and_dashboard_read_metrics_that_exist() -> None:
    alerts = (MONITORING / "alerts.yml").read_text(encoding="utf-8")
    board = (MONITORING / "grafana/portal.json").read_text(encoding="utf-8")
    names = _read_names()
    for text in (alerts, board):
        assert set(re.findall(r"\bmgestion_\w+", text)) <= names
        for view in set(re.findall(r'view=\\?"([\w:]+)', text)) - {"static", "unresolved"}:
            assert reverse(view)
        outcomes = set(re.findall(r'outcome=\\?"(\w+)', text))
        assert outcomes <= set(BounceOutcome.values)
    figures, words = metrics.collect_figures(NOW)
    assert {re.sub(r"\{.*", "", name) for name in figures} <= set(words)
    assert {panel["datasource"]["uid"] for panel in json.loads(board)["panels"]} == {
        yaml.safe_load(
            (MONITORING / "grafana/provisioning/datasources/prometheus.yml").read_text()
        )["datasources"][0]["uid"]
    }


def test_each_alert_says_what_it_is_and_the_operations_page_what_to_do() -> None:
    rules = [
        rule
        for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
        for rule in group["rules"]
    ]
    page = (MONITORING.parent / "operations.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| (page|ticket) \| (.{15,}) \|$", page, re.MULTILINE)
    assert {name: severity for name, severity, _ in told} == {
        rule["alert"]: rule["labels"]["severity"] for rule in rules
    }
    steps = set(re.findall(r"^- \*\*`(\w+)`\*\*: .*`\w", page, re.MULTILINE))
    assert steps == {name for name, severity, _ in told if severity == "page"}
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
    checks = {name for rule in rules for name in re.findall(r'check="(\w+)"', rule["expr"])}
    assert checks == {*slots.alarms, "jobs"}


def test_the_files_of_monitoring_fit_together(project_root: Path) -> None:
    compose = yaml.safe_load((project_root / "docker-compose.yml").read_text())
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    mounted = {volume.split(":")[1] for volume in compose["services"]["prometheus"]["volumes"]}
    assert set(config["rule_files"]) <= mounted
    (job,) = config["scrape_configs"]
    assert job["dns_sd_configs"][0]["names"] == ["web"] and "web" in compose["services"]
    assert job["authorization"]["credentials_file"] == "/run/secrets/metrics_token"
    receivers = yaml.safe_load((MONITORING / "alertmanager.yml").read_text())
    named = {receiver["name"] for receiver in receivers["receivers"]}
    assert {route["receiver"] for route in receivers["route"]["routes"]} <= named
