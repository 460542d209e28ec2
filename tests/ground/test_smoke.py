"""The few tests of `make test SMOKE=1`: the portal answers, on each database and in a browser."""

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.both


@pytest.mark.django_db
def test_the_login_page_answers(client: Client) -> None:
    response = client.get("/cas/login")
    assert response.status_code == 200
    assert "Vous avez déjà un compte" in response.content.decode()


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_postgresql_lane_really_is_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        row = cursor.fetchone()
    assert row is not None
    assert row[0].startswith("PostgreSQL")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_opens_the_login_page(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/cas/login")
    expect(page.get_by_role("heading", name="Vous avez déjà un compte")).to_be_visible()
