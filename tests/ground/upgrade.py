"""`python -m tests.ground.upgrade`: an empty database becomes one of the last release with a row in
every table of ours, then this version's, then the release's again. Prints as JSON what was said to
the database, and which rows and parts of its schema outlast each way.
"""

import gc
import json
import logging
import os
import sys
import uuid
from datetime import UTC, date, datetime
from typing import Any

NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
# Where constraints ask for more than a value of the right type. Everything is fictional.
VALUES: dict[str, dict[str, Any]] = {
    "accounts.User": {
        "email": "lea.fictive@garage.example.org",
        "email_key": "lea.fictive@garage.example.org",
        "status": "active",
        "first_name": "Léa",
        "last_name": "Fictive",
        "password": "!",
    },
    "habilitations.Platform": {"code": "m-gestion-entreprise", "name": "M-Gestion Entreprise"},
    "lifecycle.Hold": {"user": "<accounts.User>"},
    "profile.RightsRequest": {"due_on": date(2026, 4, 17)},
    "registrations.Request": {
        "branch": "<habilitations.Branch>",
        "profile": "<habilitations.Profile>",
        "dga": "<habilitations.Dga>",
        "dashboard": "automobile",
        "kind": "entreprise",
        "siret": "73282932000074",
    },
}


class Rows:
    """Makes one row of each model of a state of the migrations, and what it refers to."""

    def __init__(self, apps: Any) -> None:
        self.apps = apps
        self.made: dict[str, Any] = {}
        self._number = 0

    def make(self, label: str) -> Any:
        if label not in self.made:
            model = self.apps.get_model(label)
            given = VALUES.get(label, {})
            values = {
                field.name: self._give(given[field.name])
                if field.name in given
                else self._value(field)
                for field in model._meta.local_concrete_fields
                if field.name in given or self._is_needed(field)
            }
            self.made[label] = model.objects.create(**values)
        return self.made[label]

    def _give(self, value: Any) -> Any:
        """A model's label in angle brackets stands for its row."""
        reference = isinstance(value, str) and value.startswith("<")
        return self.make(value.strip("<>")) if reference else value

    def _is_needed(self, field: Any) -> bool:
        return not (field.null or field.has_default() or field.generated) and not (
            field.primary_key and field.get_internal_type().endswith("AutoField")
        )

    def _value(self, field: Any) -> Any:
        if field.is_relation:
            return self.make(field.remote_field.model._meta.label)
        self._number += 1
        if field.choices:
            return "" if field.blank else field.choices[0][0]
        kind = field.get_internal_type()
        plain = {
            "DateTimeField": NOW,
            "DateField": date(2026, 3, 17),
            "BooleanField": False,
            "UUIDField": uuid.UUID(int=self._number),
            "JSONField": {},
            "BinaryField": b"x",
            "GenericIPAddressField": "192.0.2.1",
        }
        if kind in plain:
            return plain[kind]
        if "Integer" in kind or kind in ("FloatField", "DecimalField"):
            return self._number
        return "" if field.blank else f"f{self._number}"[: field.max_length]


class Statements(logging.Handler):
    """Notes what Django's schema editor says to the database."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(vars(record)["sql"])


def describe_schema(connection: Any) -> list[str]:
    """Columns, constraints and indexes of each table, by name."""
    found = []
    with connection.cursor() as cursor:
        look = connection.introspection
        for table in look.table_names(cursor):
            columns = look.get_table_description(cursor, table)
            found += [f"{table}: {sorted(map(repr, column))}" for column in columns]
            constraints = look.get_constraints(cursor, table)
            found += [
                f"{table}: {name} {sorted(map(repr, one.items()))}"
                for name, one in constraints.items()
            ]
    return sorted(found)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "mgestion.settings"
    import django

    django.setup()
    gc.freeze()
    gc.set_threshold(
        200_000, 20, 100
    )  # to render states makes much that the collector would look at
    from django.apps import apps
    from django.db import connection
    from django.db.migrations import RunPython
    from django.db.migrations.executor import MigrationExecutor

    from tests.ground.test_migrations import RELEASED

    logger, statements = logging.getLogger("django.db.backends.schema"), Statements()
    logger.setLevel(logging.DEBUG)
    logger.addHandler(statements)
    logger.propagate = False

    executor = MigrationExecutor(connection)
    libraries = [one for one in executor.loader.graph.leaf_nodes() if one[0] not in RELEASED]
    state = executor.migrate([*RELEASED.items(), *libraries])
    schema = describe_schema(connection)
    state.clear_delayed_apps_cache()
    released = state.apps
    rows = Rows(released)
    for model in released.get_models():
        if model._meta.app_label in RELEASED:
            rows.make(model._meta.label)
    before = {label: str(row.pk) for label, row in rows.made.items()}

    # Django would render the state before each migration anew on the way back.
    executor = MigrationExecutor(connection)
    states, said = {}, {}
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        states[migration] = state.clone()
        statements.said.clear()
        state = executor.apply_migration(state, migration)
        said[f"{migration.app_label}.{migration.name}"] = [*statements.said]
    now = {
        label: apps.get_model(label).objects.filter(pk=pk).exists()
        for label, pk in before.items()
        if label.split(".")[1].lower() in apps.all_models[label.split(".")[0]]
    }
    request = apps.get_model("registrations.Request").objects.select_related("platform").get()
    platform = request.platform.code
    for label in now:  # what the code reads is there
        list(apps.get_model(label).objects.all())

    for migration in reversed(states):
        executor.unapply_migration(states[migration], migration)
    after = describe_schema(connection)
    found = {
        "kept": now,
        "platform": platform,
        "said": said,
        "programs": [
            f"{migration.app_label}.{migration.name}"
            for migration in states
            if any(isinstance(one, RunPython) for one in migration.operations)
        ],
        "left by the way back": sorted(set(after) - set(schema)),
        "lost on the way back": sorted(set(schema) - set(after)),
        "kept on the way back": {
            label: released.get_model(label).objects.filter(pk=pk).exists()
            for label, pk in before.items()
        },
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
