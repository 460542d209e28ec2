"""Mails among the staff pages."""

from django.db.models import Q
from django.http import HttpRequest
from django.utils.text import capfirst

from mgestion.admin.row_kinds import PEOPLE, RowKind
from mgestion.admin.search_page import find_references
from mgestion.outbox.catalogue.kinds import get_kind_labels
from mgestion.outbox.models import Mail
from mgestion.text.dates import numeric_moment


def match_readers(http: HttpRequest, text: str) -> Q:
    """The mails to the people whose accounts are found for `text`."""
    return Q(person__in=find_references(http, text).get(PEOPLE, ()))


def _describe_mail(mail: Mail) -> str:
    to = f"à {mail.to}, " if mail.to else ""
    return f"{to}{numeric_moment(mail.created_at)}, {mail.get_status_display()}"


def _name_mail(mail: Mail) -> str:
    return str(capfirst(get_kind_labels([mail.kind])[mail.kind]))


KINDS = {
    "mail": RowKind(
        model=Mail,
        title="E-mails",
        name=_name_mail,
        facts=_describe_mail,
        order=("-created_at", "pk"),
        place=80,
        searched=True,
        find=match_readers,
    )
}
