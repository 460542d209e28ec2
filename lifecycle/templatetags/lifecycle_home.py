"""The lifecycle's counters on the agents' home page."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.habilitations.staff.permissions import get_staff, may_configure
from lifecycle.rules import dead_mailboxes

register = template.Library()


@register.inclusion_tag("admin/lifecycle/home.html")
def lifecycle_home(request: HttpRequest) -> dict[str, Any]:
    """Numbers of accounts that wait, with links, for the national administrators. Three queries."""
    if not may_configure(get_staff(request.user)):
        return {"figures": []}
    waits = dead_mailboxes.count_waiting(timezone.now())
    if not waits.total:
        return {"figures": []}
    holds = reverse("admin:lifecycle_hold_changelist")
    cases = reverse("admin:lifecycle_lifecyclecase_changelist")
    proposals = reverse("admin:lifecycle_staffproposal_changelist")
    figures = [
        (
            "E-mails impossibles à remettre",
            waits.undeliverable,
            f"{holds}?released_at__isnull=True&reason__exact=undeliverable",
        ),
        ("Lettres dont le délai est passé", waits.letters_over, f"{cases}?lettre=echue"),
        ("Actes à confirmer", waits.proposals, f"{proposals}?decided_at__isnull=True"),
    ]
    return {"figures": [one for one in figures if one[1]]}
