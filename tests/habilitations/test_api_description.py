"""The API called by its own description: no fault, no answer that is not described."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from accounts.habilitations.platforms.models import Platform
from mgestion.wsgi import application
from tests.effort import examples
from tests.factories.habilitations import make_access, make_token

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(autouse=True)
def _keep_the_connection() -> Iterator[None]:
    """As Django's own test client: the test's transaction outlives each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(settings: Any) -> str:
    settings.API_CALLS_PER_MINUTE = 100_000
    Platform.objects.filter(code="m-contributions").update(api_enabled=True)
    platform = Platform.objects.get(code="m-contributions")
    make_access(platform=platform)
    return make_token(platform, now=timezone.now())


def test_whatever_is_sent_the_answer_is_one_that_is_described(token: str) -> None:
    schema: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 4
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _call_many_ways(operation, token, mode)


def _call_many_ways(operation: Any, token: str, mode: Any) -> None:
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=examples(3, 200),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def one_way(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(response, checks=CHECKS)

    one_way()


# --- the description itself ----------------------------------------------------------------------


def test_the_description_is_valid_openapi_3_1_and_every_operation_says_how_it_can_fail() -> None:
    description: Any = Client().get("/api/v1/openapi.json").json()
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(description)] == []
    assert description["openapi"].startswith("3.1")
    for path in description["paths"].values():
        for method, operation in path.items():
            failures = {"400", "401", "403", "404", "405", "413", "422", "429", "500", "503"}
            assert failures <= set(operation["responses"])
            assert ("304" in operation["responses"]) == (method == "get")
            for status in failures:
                content = operation["responses"][status]["content"]
                assert list(content) == ["application/problem+json"]
