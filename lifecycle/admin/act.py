"""What an act on one account is: its words, its form, its verb."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from accounts.models import User
from mgestion.journal.actors import Actor


class PlainForm(forms.Form):
    """Nothing to say: the button is the act."""


@dataclass(frozen=True, slots=True)
class Act:
    """`shown`: the statuses in which the panel offers it, and `when` what else must hold. `warning`
    may name {until}; `say` words it for the account and the moment instead. `button`: where the
    page's button does not say the label.
    """

    label: str
    title: str
    warning: str
    form: type[forms.Form]
    do: Callable[[User, Actor, dict[str, Any], datetime], Any]
    shown: tuple[str, ...]
    done: str
    dangerous: bool = False
    when: Callable[[User], bool] | None = None
    say: Callable[[User, datetime], str] | None = None
    button: str = ""
