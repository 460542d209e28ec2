"""The columns of the database that may lead to a person, read from the models.

Wide on purpose: what is found here and is nobody's is named in NOBODYS with the reason.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from mgestion.personal_data import ErasurePolicy, PersonalData

# Words of a column that holds what a person is known by, or a key made of it.
_TELLING = re.compile(
    r"(^|_)(e?mail|address|phone|last_name|first_name|name_key|email_key|to|key|actor|person|by"
    r"|pattern|digest|session_key|session_data|user_agent|ip|counter|object_repr|public_id|reference)$"
)
# Models that no person is in: tables of reference, counts, Django's own registers.
_IMPERSONAL = {
    "auth.group",
    "auth.permission",
    "auth.group_permissions",
    "contenttypes.contenttype",
    "habilitations.dga",
    "habilitations.delegation",
    "habilitations.department",
    "habilitations.branch",
    "habilitations.profile",
    "habilitations.platform",
    "habilitations.servicerule",
    "habilitations.establishment",
    "registrations.refusalreason",
    "legal.termsversion",
    "jobs.jobrun",
    "lifecycle.lifecyclerun",
    "cas.logoutdelivery",
    "cas.logoutlane",
}
NOBODYS = {
    "habilitations.apitoken.digest": "a platform's key",
    "outbox.mail.key": "kind, object and cycle: opaque ids; the row goes with the person",
    "outbox.mail.claimed_by": "a worker",
    "registrations.upload.digest": "of a file, whose row goes with the person",
    "registrations.asking.answer_key": "a form, posted once",
    "registrations.request.form_token": "a form, posted once",
    "registrations.requestmessage.post_key": "a form, posted once",
    "registrations.undeliveredmail.mail": "of a mail, whose row goes with the person",
    "registrations.request.reference": "of a row that goes with the person",
    "lifecycle.ledgerentry.case_id": "of a row that goes with the person",
    "lifecycle.ledgerentry.mail_id": "of a row that goes with the person",
    "lifecycle.ledgerentry.run_id": "a run",
}


def every_model() -> list[type[models.Model]]:
    return list(apps.get_models(include_auto_created=True))


def column(model: type[models.Model], field: Any) -> str:
    return f"{model._meta.label_lower}.{field.name}"


def keys_to(target: type[models.Model], among: Iterable[type[models.Model]]) -> Iterator[str]:
    """Foreign keys to `target`, one-to-ones and the tables of many-to-manys included."""
    for model in among:
        for field in model._meta.local_fields:
            if field.remote_field is not None and field.remote_field.model is target:
                yield column(model, field)


def soft_references(among: Iterable[type[models.Model]]) -> Iterator[str]:
    """Opaque ids that are no row's own key, and text columns whose name tells."""
    for model in among:
        if model._meta.label_lower in _IMPERSONAL:
            continue
        for field in model._meta.local_fields:
            if field.remote_field is not None:
                continue
            opaque = isinstance(field, models.UUIDField) and not field.primary_key
            text = isinstance(
                field, models.CharField | models.TextField | models.GenericIPAddressField
            )
            if opaque or (text and _TELLING.search(field.name)):
                yield column(model, field)


def undescribed(entries: Iterable[PersonalData], among: Iterable[type[models.Model]]) -> list[str]:
    """The columns that no entry speaks of."""
    models_ = list(among)
    entries = list(entries)
    known = {name for entry in entries for name in entry.columns} | set(NOBODYS)
    found = {*keys_to(get_user_model(), models_), *soft_references(models_)}
    # What refers to rows that are deleted must go, or let go, as well.
    for entry in entries:
        if entry.policy == ErasurePolicy.DELETE:
            for name in entry.columns:
                deleted = apps.get_model(name.rpartition(".")[0])
                found |= set(keys_to(deleted, models_))
    return sorted(found - known)
