"""The journal among the staff pages: what it says of a row."""

from typing import Any

from django.db.models import Q

from mgestion.admin.related_rows import ANY, RelatedRows
from mgestion.admin.row_kinds import PEOPLE, RowKind, get_kind_name, get_kinds
from mgestion.journal.models import Entry
from mgestion.journal.words import get_act_label
from mgestion.text.dates import numeric_moment


def select_lines_about(row: Any) -> Q:
    """About the row itself; for an account also about the person."""
    name = get_kind_name(row.__class__)
    kind = get_kinds()[name]
    reference = kind.get_reference(row)
    about = Q(object_type=name, object_id=reference)
    return about | Q(person=reference) if name == PEOPLE else about


KINDS = {
    "journal_entry": RowKind(
        model=Entry,
        title="Journal",
        name=lambda line: get_act_label(line.act),
        facts=lambda line: numeric_moment(line.at),
        order=("-id",),
        journaled=False,
        place=90,
        searched=True,
    )
}
RELATIONS = (RelatedRows(of=ANY, kind="journal_entry", where=select_lines_about),)
