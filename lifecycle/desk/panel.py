"""« Explain » on the page of each account (`slots.user_panels`)."""

from datetime import datetime

from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.habilitations.staff.permissions import get_staff, may_configure
from accounts.people.models import User
from lifecycle.desk.acts import ACTS
from lifecycle.engine import account_stories
from lifecycle.rules import wording
from mgestion.outbox.bounces.flows import select_flagging_bounces
from mgestion.staff_acts import offered_acts
from mgestion.text.dates import french_date


def render_account_panel(request: HttpRequest, user: User, now: datetime) -> str:
    """The HTML of the panel: facts, dates, next steps, ledger lines, possible acts."""
    story = account_stories.explain_account(user, now)
    acts = offered_acts(ACTS, user) if may_configure(get_staff(request.user)) else {}
    return render_to_string(
        "admin/lifecycle/panel.html",
        {
            "story": story,
            "lines": [
                (line, wording.describe_ledger_line(line), wording.describe_reason(line.reason))
                for line in story.lines
            ],
            "then": [(french_date(day), step.label) for day, step in story.then],
            "acts": acts,
            "returned": select_flagging_bounces([user.public_id]).first(),
            "account": user,
        },
        request=request,
    )
