"""What was typed in a form while the session ended, kept in the session of the login that follows
and given back once: to the same person, on the same page, within the time that a login may take.
"""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils import timezone

_KEY: Final = "kept_typing"
PERSON: Final = "person"  # hidden in each such form: whose page it was
_AGAIN: Final = (
    "Votre session s’était terminée\u00a0: rien n’a été enregistré ni envoyé. Votre saisie est "
    "remise ci-dessous\u00a0: relisez-la, puis validez-la."
)


def store_typing(
    request: HttpRequest, *, page: str, form: str, said: dict[str, list[str]], now: datetime
) -> None:
    """`form`: the name of the view that was posted to, for pages of several forms."""
    request.session[_KEY] = {
        "person": request.POST.get(PERSON, "")[:300],
        "page": page,
        "form": form,
        "at": int(now.timestamp()),
        "said": said,
    }


def kept_typing(request: HttpRequest, now: datetime) -> tuple[str, dict[str, list[str]]]:
    """The form, and the values of its fields by name; both empty when there is nothing."""
    found: dict[str, Any] | None = request.session.get(_KEY)
    if (
        not found
        or found["person"] != str(getattr(request.user, "public_id", ""))
        or found["page"] != request.get_full_path()
        or now.timestamp() - found["at"] > settings.ACCOUNT_LOGIN_TIMEOUT
    ):
        return "", {}
    return found["form"], found["said"]


def kept_values(request: HttpRequest, now: datetime) -> tuple[str, dict[str, str]]:
    """As `kept_typing`, with one value for each field."""
    form, said = kept_typing(request, now)
    return form, {name: values[0] for name, values in said.items() if values}


def forget_typing(request: HttpRequest) -> None:
    """It is sent, or replaced."""
    request.session.pop(_KEY, None)


def posted_or_kept(request: HttpRequest) -> QueryDict | None:
    """What binds the form of a page: what is posted, what was kept over a login, or nothing."""
    if request.method == "POST":
        forget_typing(request)
        return request.POST
    kept = kept_data(request)
    if kept is not None:
        say_again(request)
    return kept


def kept_data(request: HttpRequest) -> QueryDict | None:
    """As a browser would send it."""
    _, said = kept_typing(request, timezone.now())
    if not said:
        return None
    data = QueryDict(mutable=True)
    for name, values in said.items():
        data.setlist(name, values)
    return data


def say_again(request: HttpRequest) -> None:
    messages.warning(request, _AGAIN)
