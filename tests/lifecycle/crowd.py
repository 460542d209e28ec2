"""Many accounts by one statement, for plans and measures (PostgreSQL)."""

from datetime import datetime

from django.db import connection

_INSERT = """
INSERT INTO accounts_user (
  password, is_superuser, public_id, email, email_key, last_name, first_name, phone, status,
  status_since, clock_from, last_activity_at, session_epoch, is_staff, created_at)
SELECT '!', false, gen_random_uuid(), 'p' || n || '@foule.example.org',
  'p' || n || '@foule.example.org', 'Fictif', 'Camille', '', %(status)s,
  %(since)s, %(since)s - (n %% 300) * interval '1 hour',
  %(since)s - (n %% 300) * interval '1 hour', 0, false, %(since)s
FROM generate_series(%(first)s::int, %(first)s::int + %(number)s::int - 1) AS n
"""
_CASES = """
INSERT INTO lifecycle_lifecyclecase (
  id, user_id, cause, state, anchor, anchor_ends, opened_at, mails, due_at, closed_at, outcome,
  deactivated_at, notice_last_day, deletion_last_day)
SELECT gen_random_uuid(), id, 'inactivity', %(state)s, date '2023-01-01', timestamptz '2030-01-01',
  %(now)s, 1, %(due)s,
  CASE WHEN %(state)s = 'closed' THEN %(now)s::timestamptz END,
  CASE WHEN %(state)s = 'closed' THEN 'activity' ELSE '' END,
  CASE WHEN %(state)s = 'announced' THEN status_since END,
  CASE WHEN %(state)s = 'notified' THEN date '2026-01-01' END,
  CASE WHEN %(state)s = 'announced' THEN date '2026-01-01' END
FROM accounts_user WHERE status = %(status)s AND email LIKE %(like)s
"""


def insert_people(first: int, number: int, *, since: datetime, status: str = "active") -> None:
    """Accounts p<first>… whose clock runs from up to 300 hours before `since`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT, {"first": first, "number": number, "since": since, "status": status}
        )


def insert_cases(
    state: str, status: str, *, due: datetime | None, now: datetime, like: str = "%"
) -> None:
    """A case in `state` for each account of `status`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CASES, {"state": state, "status": status, "due": due, "now": now, "like": like}
        )
        if state == "announced":
            cursor.execute(
                "UPDATE accounts_user SET revivable_until = %s WHERE status = %s", [due, status]
            )


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user")
        cursor.execute("ANALYZE lifecycle_lifecyclecase")
