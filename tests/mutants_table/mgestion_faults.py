"""Faults planted in mgestion."""

from typing import Final

from tests.mutants_table.fault import Mutant, faults_of

MGESTION_FAULTS: Final[list[Mutant]] = [
    *faults_of(
        "mgestion/text/dates.py",
        "dates/test_dates.py",
        (
            "a day ends a day early",
            "start_of_paris_day(day + timedelta(days=1))",
            "start_of_paris_day(day)",
        ),
        (
            "every month ends on the 28th",
            "min(day.day, monthrange(year, month)[1])",
            "min(day.day, 28)",
        ),
        ("no « 1er »", '"1er" if day.day == 1 else str(day.day)', "str(day.day)"),
    ),
    *faults_of(
        "mgestion/text/dates.py",
        "test_imports.py",
        (
            "an import upwards",
            "from calendar import monthrange",
            "import accounts\nfrom calendar import monthrange",
        ),
    ),
    *faults_of(
        "mgestion/outbox/catalogue/markdown.py",
        "outbox/test_mail_texts.py",
        (
            "what a person typed is read as Markdown",
            r'return _PUNCTUATION.sub(r"\\\1", join_on_one_line(value))',
            "return join_on_one_line(value)",
        ),
    ),
    *faults_of(
        "mgestion/back_off.py",
        "outbox/test_delivery.py entry/login/test_lock.py",
        ("retries do not space out", "min(first * int(factor**steps), longest)", "first"),
    ),
    *faults_of(
        "mgestion/web/logging/masking.py",
        "web/test_structured_logs.py",
        (
            "a log shows the row that the database quotes",
            "LINE \\d+|DETAIL|CONTEXT",
            "LINE \\d+|CONTEXT",
        ),
    ),
    *faults_of(
        "mgestion/web/links.py",
        "web/test_nul.py",
        (
            "a NUL in a carried list reaches the database",
            """if "\\0" not in f"{name}{''.join(values)}":""",
            "if name:",
        ),
    ),
    *faults_of(
        "mgestion/outbox/bounces/flows.py",
        "outbox/bounces/test_bounces.py",
        (
            "a report about another recipient counts",
            "if not mail.to or fold_recipient(mail.to) not in report.recipients:",
            "if not mail.to:",
        ),
        (
            "a mail that a délégation did not get flags the applicant's address",
            '"cleared_at": None if _is_address_of_person(mail) else now,',
            '"cleared_at": None,',
        ),
    ),
    *faults_of(
        "mgestion/outbox/bounces/flows.py",
        "entry/recovery/test_returned_address.py",
        (
            "a link sent before the return confirms the address",
            "flagging = select_flagging_bounces([person]).filter(read_at__lt=mailed_at)",
            "flagging = select_flagging_bounces([person])",
        ),
    ),
    *faults_of(
        "mgestion/outbox/sending/delivery.py",
        "outbox/test_delivery.py outbox/test_sweep.py",
        (
            "a lease keeps nobody off",
            "Q(claimed_until=None) | Q(claimed_until__lte=now), next_at__lte=now",
            "next_at__lte=now",
        ),
        (
            "mailed keys stay readable",
            "text, html = (mask_keys(part) for part in parts)",
            "text, html = parts",
        ),
        ("a dead mail is never given up", "        if now >= given_up:", "        if False:"),
        (
            "what was not tried stays claimed",
            "filter(claimed_by=self.worker).update(",
            "none().update(",
        ),
    ),
    *faults_of(
        "templates/registrations/enrolment/request_status.html",
        "registrations/enrolment/test_status_page.py",
        (
            "the button leads elsewhere",
            '{{ entry_url }}">Ouvrir mon espace',
            '/services/">Ouvrir mon espace',
        ),
    ),
    *faults_of(
        "mgestion/web/middleware/readonly.py",
        "web/test_readonly.py",
        ("a GET writes", "if _allowed.get() is None and is_write(sql):", "if False:"),
        ("WITH … DELETE is a read", "return bool(_WRITING_WORD.search(statement))", "return False"),
    ),
    *faults_of(
        "mgestion/web/logging/masking.py",
        "ground/test_masking.py",
        (
            "a decoded line break forges a line",
            'return _CONTROL.sub("?", understood)',
            "return understood",
        ),
    ),
    *faults_of(
        "mgestion/database/append_only.py",
        "journal/test_journal.py",
        (
            "a line of the journal is changed",
            "f\"BEGIN SELECT RAISE(ABORT, '{each.table}: a line is never changed'); END\"",
            '"BEGIN SELECT 1; END"',
        ),
        (
            "a line of the journal is deleted",
            'f"WHEN NOT EXISTS (SELECT 1 FROM {WINDOW_TABLE} WHERE id = 1 AND open = 1) "',
            '"WHEN 0 "',
        ),
    ),
    *faults_of(
        "mgestion/admin/row_kinds.py",
        "web/test_staff_search.py",
        (
            "a list that refuses its reader is searched for them",
            "if pages is None or not pages.has_view_permission(http):",
            "if pages is None:",
        ),
    ),
    *faults_of(
        "mgestion/admin/related_rows.py",
        "web/test_related_rows.py",
        (
            "what belongs to an unknown row is everything",
            "self.condition = Q(pk__in=())",
            "self.condition = None",
        ),
    ),
    *faults_of(
        "mgestion/journal/export.py",
        "journal/test_export.py",
        (
            "the name that was sought is kept in the journal",
            "for name, value in chosen.items() if name != SEARCH_VAR}",
            "for name, value in chosen.items()}",
        ),
    ),
    *faults_of(
        "mgestion/database/clock.py",
        "jobs/test_clock.py",
        (
            "a wrong clock is trusted",
            "if abs(_LastMeasure.skew) > most:",
            "if abs(_LastMeasure.skew) > 10 * most:",
        ),
    ),
    *faults_of(
        "mgestion/web/errors.py",
        "web/test_responses.py",
        (
            "what was typed is lost with a full disk",
            "if PERSON not in names or any(",
            "if names or any(",
        ),
    ),
]
