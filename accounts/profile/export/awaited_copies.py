"""The copy of one's data that is ready, for as long as it can be read (`slots.to_do`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.urls import reverse

from accounts.people.models import User
from accounts.people.to_do import ToDoLine, ToDoSource, Urgency
from accounts.profile.models import DataExport
from mgestion.text.dates import french_moment


def list_copy_lines(user: User, now: datetime) -> Iterable[ToDoLine]:
    rows = DataExport.objects.filter(user=user, expires_at__gt=now).defer("sealed")
    for row in rows.order_by("-expires_at")[:1]:  # the page shows the latest
        if row.expires_at is not None:
            yield ToDoLine(
                Urgency.OFFERED,
                "La copie de vos données est prête",
                "Vous pouvez la lire ou l’enregistrer.",
                "Voir ma copie",
                reverse("profile:my_data"),
                row.expires_at,
                f"Disponible jusqu’au {french_moment(row.expires_at)}",
            )


_WAITS: Final = (
    "EXISTS (SELECT 1 FROM profile_dataexport AS made"
    " WHERE made.user_id = %s AND made.expires_at > %s)"
)
SOURCE: Final = ToDoSource(
    waits=lambda user, now: (_WAITS, [user.pk, now]), list_lines=list_copy_lines
)
