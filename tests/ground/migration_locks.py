"""Statements of migrations that lock or rewrite a large table while people use the portal."""

import re
from collections.abc import Iterable
from typing import Final

# Tables that grow with use. A lock of the others is over before anybody notices.
LARGE: Final = frozenset(
    (
        *("accounts_user", "accounts_accountword", "account_emailaddress", "django_session"),
        *("cas_ticket", "cas_grantingticket", "cas_logoutdelivery", "cas_logoutlane"),
        *("entry_entrylink", "entry_failurecounter", "entry_postedrequest", "entry_ratecounter"),
        *("entry_sessionrecord", "habilitations_access", "habilitations_accesschange"),
        *("habilitations_establishment", "habilitations_platformactivity", "jobs_jobrun"),
        *("journal_entry", "journal_detail", "legal_termsacceptance", "lifecycle_ledgerentry"),
        *("lifecycle_lifecyclecase", "outbox_mail", "registrations_request"),
        *("registrations_requestevent", "registrations_requestword", "registrations_upload"),
    )
)
_TABLE: Final = re.compile(r'ALTER TABLE (?:ONLY )?"(\w+)" (.*)', re.DOTALL)
_INDEX: Final = re.compile(r'CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON "(\w+)"', re.DOTALL)
_DEFAULT: Final = re.compile(r"DEFAULT (\(?[a-z_]+\()", re.IGNORECASE)
_ACTIONS: Final = (
    (r"ALTER COLUMN .* TYPE ", "rewrites the table: add a column, fill it, change over"),
    (r"ALTER COLUMN .* SET NOT NULL", "reads the whole table under a lock: a CHECK first"),
    (r"ADD CONSTRAINT .* UNIQUE ", "builds an index under a lock: CREATE INDEX CONCURRENTLY"),
    (r"ADD CONSTRAINT (?!.* NOT VALID)", "reads the whole table under a lock: NOT VALID first"),
    (r"(RENAME|SET SCHEMA|DROP COLUMN) ", "running code still uses it: in the next release"),
)
_ELSEWHERE: Final = (
    (r'^(UPDATE|DELETE FROM) "(\w+)"', "changes every row in one transaction: by a job"),
    (r'^(CLUSTER|VACUUM FULL|LOCK TABLE|TRUNCATE) .*?"?(\w+)"?', "locks the whole table"),
)


def find_locks(statements: Iterable[str]) -> list[str]:
    """« statement: why », for those that lock or rewrite a large table which was there before."""
    found = []
    for statement in statements:
        for part in re.split(r";\s*", re.sub(r"^--.*$", "", statement, flags=re.MULTILINE)):
            why = _find_fault(part.strip())
            if why:
                found.append(f"{part.strip()[:120]}: {why}")
    return found


def _find_fault(statement: str) -> str:
    index = _INDEX.match(statement)
    if index:
        return "locks out writes: CREATE INDEX CONCURRENTLY" if index[1] in LARGE else ""
    for pattern, why in _ELSEWHERE:
        other = re.match(pattern, statement, re.IGNORECASE)
        if other and other[2] in LARGE:
            return why
    table = _TABLE.match(statement)
    if not table or table[1] not in LARGE:
        return ""
    action = " ".join(table[2].split())
    if action.startswith("ADD COLUMN"):
        return _find_column_fault(action)
    return next((why for pattern, why in _ACTIONS if re.match(pattern, action)), "")


def _find_column_fault(action: str) -> str:
    """A constant default costs nothing (PostgreSQL 11 and later)."""
    if "NOT NULL" in action and "DEFAULT" not in action:
        return "fails on rows that exist: NULL first, or a constant default"
    if _DEFAULT.search(action) or "GENERATED ALWAYS" in action:
        return "rewrites the table: a constant default, or NULL and a job"
    return "builds an index under a lock: an index apart" if " UNIQUE" in action else ""
