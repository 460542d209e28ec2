"""A GET never writes, unless for a reason of the closed list."""

import pytest
from django.db import connection, transaction
from django.test import Client

from mgestion.jobs.models import JobRun
from mgestion.web.middleware.readonly import WriteOnGet, WriteReason, is_write

pytestmark = [pytest.mark.urls("tests.web.urls"), pytest.mark.both]


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("S24")
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_a_page_that_writes_on_a_safe_method_fails(client: Client, method: str) -> None:
    with pytest.raises(WriteOnGet, match="INSERT INTO"):
        getattr(client, method)("/t/write")
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_a_post_writes(client: Client) -> None:
    assert client.post("/t/write").status_code == 200
    assert JobRun.objects.count() == 1


@pytest.mark.django_db
def test_a_get_writes_for_a_reason_that_exists(client: Client) -> None:
    assert client.get("/t/write-for-a-reason").status_code == 200
    assert JobRun.objects.count() == 1


@pytest.mark.django_db
def test_the_guard_is_gone_after_the_request(client: Client) -> None:
    before = list(connection.execute_wrappers)
    client.get("/t/ok")
    JobRun.objects.create(job="tests", slot="after", started_at="2026-01-01T00:00Z")
    assert connection.execute_wrappers == before


def test_the_reasons_are_a_closed_list() -> None:
    assert {reason.name for reason in WriteReason} == {
        "CAS_LOGIN",
        "CAS_VALIDATE",
        "CAS_LOGOUT",
        "API_CALL",
        "ACTIVITY_STAMP",
        "SESSION_SEEN",
        "DEAD_SESSION_ENDED",
    }


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO a VALUES (1)",
        "  update a set b = 1",
        "/* SELECT */ DELETE FROM a",
        "-- SELECT\nDELETE FROM a",
        "WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone",
        'WITH x AS (SELECT 1) UPDATE "a" SET b = 1',
        "TRUNCATE a",
        "CREATE TABLE a (b int)",
        "REPLACE INTO a VALUES (1)",
        "MERGE INTO a USING b ON true",
        "CALL f()",
        "COPY a FROM STDIN",
        "LOCK TABLE a",
        "VACUUM",
    ],
)
def test_statements_that_may_change_something_are_writes(sql: str) -> None:
    assert is_write(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "(SELECT 1) UNION (SELECT 2)",
        "\n  select replace(a, 'x', 'y') FROM b",
        "WITH a AS (SELECT updated, deleted FROM b) SELECT replace(a, 'x', 'y') FROM a",
        "SAVEPOINT s1",
        "RELEASE SAVEPOINT s1",
        "ROLLBACK TO SAVEPOINT s1",
        "BEGIN IMMEDIATE",
        "EXPLAIN SELECT 1",
        'DECLARE "c" NO SCROLL CURSOR WITH HOLD FOR SELECT 1',
        "SET LOCAL statement_timeout = 1",
    ],
)
def test_statements_that_only_read_are_not(sql: str) -> None:
    assert not is_write(sql)


@pytest.mark.django_db
def test_reading_in_a_transaction_is_no_write(client: Client) -> None:
    with transaction.atomic():
        assert client.get("/t/ok").status_code == 200
