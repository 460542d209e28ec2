"""What bounds each table and each folder that the portal writes: one line for each.

`python -m tests.growth.bounds` writes the two tables of docs/operations.md from these lines.
`test_bounds.py` holds models, jobs and settings to them, `test_week.py` a week of traffic.
"""

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
BEGIN: Final = "<!-- written by python -m tests.growth.bounds -->\n"
END: Final = "<!-- end of what grows -->\n"


@dataclass(frozen=True)
class Purged:
    """`job` deletes a row once its `column` is longer ago than `setting`: a variable, a setting, or
    the dotted path of a constant. `stays`: the rows that the rule leaves, and until when.
    """

    job: str
    setting: str
    column: str
    stays: str = ""

    def describe(self) -> str:
        left = f"; stays: {self.stays}" if self.stays else ""
        return f"`{self.job}`, `{self.setting.rpartition('.')[2]}` after `{self.column}`{left}"


@dataclass(frozen=True)
class Expired(Purged):
    """The column is the end itself, which `setting` had put so far ahead."""

    def describe(self) -> str:
        return f"`{self.job}`, once `{self.column}` is over (`{self.setting}`)"


@dataclass(frozen=True)
class LifeOf:
    """A row goes with the row of `owner` that it hangs on."""

    owner: str

    def describe(self) -> str:
        return f"with its `{self.owner}`"


@dataclass(frozen=True)
class OneFor:
    """As many rows as there are of something that does not grow."""

    thing: str

    def describe(self) -> str:
        return f"one for {self.thing}"


@dataclass(frozen=True)
class Edited:
    """Rows that people or a release write by hand."""

    by: str

    def describe(self) -> str:
        return f"written by hand: {self.by}"


Bound = Purged | LifeOf | OneFor | Edited

USER: Final = "accounts.user"
REQUEST: Final = "registrations.request"
ADMINISTRATORS: Final = "national administrators"
RELEASE: Final = "a release"

TABLES: Final[dict[str, Bound]] = {
    # --- people ------------------------------------------------------------------------------
    USER: Purged(
        "lifecycle.sweep",
        "tests.growth.bounds.ACCOUNT_LIFE",
        "clock_from",
        "agents (disabled after `LIFECYCLE_STAFF_IDLE_DAYS`), who is held or has an open request; "
        "who never made a password goes after `PENDING_PURGE`",
    ),
    "accounts.accountword": LifeOf(USER),
    "accounts.allowedaddress": Purged(
        "entry.purge",
        "RETENTION_ALLOWED_ADDRESSES",
        "added_at",
        "that of an account, with it; a domain, until an agent takes it off",
    ),
    "accounts.blockedperson": Edited("agents, who review each after `RETENTION_BLOCK_LIST`"),
    "accounts.user_groups": LifeOf(USER),
    "accounts.user_user_permissions": LifeOf(USER),
    "account.emailaddress": LifeOf(USER),
    "account.emailconfirmation": LifeOf("account.emailaddress"),
    "mfa.authenticator": LifeOf(USER),
    # --- logging in --------------------------------------------------------------------------
    "entry.entrylink": Purged("entry.purge", "RETENTION_JOURNAL", "expires_at"),
    "entry.failurecounter": Purged(
        "entry.purge",
        "PENDING_PURGE",
        "last_failure_at",
        "a locked one: of an account until a mail opens it, of nobody's address for "
        "`RETENTION_JOURNAL`",
    ),
    "entry.passkeychallenge": Purged("entry.purge", "PASSKEY_CHALLENGE_LIFE", "created_at"),
    "entry.postedrequest": Purged(
        "entry.purge", "PENDING_PURGE", "created_at", "what `entry.settle` has not decided"
    ),
    "entry.ratecounter": Purged("entry.purge", "PENDING_PURGE", "window"),
    "entry.sessionrecord": Purged("entry.purge", "RETENTION_JOURNAL", "seen_at"),
    "entry.setasidefactor": LifeOf(USER),
    "sessions.session": Expired("entry.purge", "SESSION_ABSOLUTE", "expire_date"),
    "cas.grantingticket": Purged(
        "cas.purge",
        "accounts.cas.tickets.ticket_life.TICKET_ROW_LIFE",
        "issued_at",
        "one that a ticket refers to",
    ),
    "cas.ticket": Purged(
        "cas.purge",
        "accounts.cas.tickets.ticket_life.TICKET_ROW_LIFE",
        "issued_at",
        "one whose session is open",
    ),
    "cas.logoutdelivery": Purged(
        "cas.purge",
        "CAS_LOGOUT_LOG_LIFE",
        "queued_at",
        "one still to be told; the query of its address goes once it is",
    ),
    "cas.logoutlane": OneFor("a platform"),
    # --- terms and rights --------------------------------------------------------------------
    "legal.termsversion": Edited(ADMINISTRATORS),
    "legal.termsacceptance": LifeOf(USER),
    "legal.termsnotice": OneFor("a version of the terms"),
    "legal.termswithdrawal": OneFor("a version of the terms"),
    "legal.termsrequest": Purged("legal.purge", "RETENTION_TERMS_REQUESTS", "created_at"),
    "profile.dataexport": Expired("profile.purge", "EXPORT_LIFE", "expires_at"),
    "profile.rightsrequest": Purged(
        "profile.rights",
        "RETENTION_RIGHTS_REQUESTS",
        "settled_at",
        "one without an answer; who asked goes with the account",
    ),
    # --- platforms, accesses, agents ---------------------------------------------------------
    "habilitations.access": LifeOf(USER),
    "habilitations.accesschange": Purged("habilitations.changes", "RETENTION_ACCESS_CHANGES", "at"),
    "habilitations.admissionrule": Edited(ADMINISTRATORS),
    "habilitations.apitoken": Edited(ADMINISTRATORS),
    "habilitations.branch": Edited(ADMINISTRATORS),
    "habilitations.branchproposal": Edited(ADMINISTRATORS),
    "habilitations.delegation": Edited(ADMINISTRATORS),
    "habilitations.department": Edited(ADMINISTRATORS),
    "habilitations.dga": Edited(ADMINISTRATORS),
    "habilitations.establishment": OneFor(
        "a SIRET and a type; its name goes with its last account"
    ),
    "habilitations.establishmentword": LifeOf("habilitations.establishment"),
    "habilitations.platform": Edited(ADMINISTRATORS),
    "habilitations.platformactivity": LifeOf(USER),
    "habilitations.profile": Edited(ADMINISTRATORS),
    "habilitations.roletext": Edited(ADMINISTRATORS),
    "habilitations.servicerule": Edited(ADMINISTRATORS),
    "habilitations.staffmember": LifeOf(USER),
    "habilitations.staffmember_delegations": LifeOf("habilitations.staffmember"),
    "habilitations.staffmember_dgas": LifeOf("habilitations.staffmember"),
    # --- requests for access -----------------------------------------------------------------
    REQUEST: LifeOf(USER),
    "registrations.accessreview": Purged(
        "registrations.reviews",
        "RETENTION_ACCESS_REVIEWS",
        "closed_at",
        "the latest of each establishment",
    ),
    "registrations.reviewanswer": LifeOf("registrations.accessreview"),
    "registrations.asking": LifeOf(REQUEST),
    "registrations.askingtemplate": Edited(ADMINISTRATORS),
    "registrations.companycheck": LifeOf(REQUEST),
    "registrations.directoryanswer": Purged("registrations.files", "COMPANY_CACHE", "answered_at"),
    "registrations.directorycircuit": OneFor("the portal"),
    "registrations.hintfigure": OneFor("a signal"),
    "registrations.invitation": Purged(
        "registrations.invitations",
        "RETENTION_INVITATIONS",
        "expires_at",
        "one that a request refers to",
    ),
    "registrations.knowncontact": Purged(
        "registrations.hint_figures", "RETENTION_KNOWN_CONTACTS", "imported_at"
    ),
    "registrations.opinion": LifeOf(REQUEST),
    "registrations.presence": Purged(
        "registrations.files",
        "registrations.desk.decision.presence.PRESENCE_DURATION",
        "seen_at",
    ),
    "registrations.refusalreason": Edited(ADMINISTRATORS),
    "registrations.requestevent": LifeOf(REQUEST),
    "registrations.requestmessage": LifeOf(REQUEST),
    "registrations.requestword": LifeOf(REQUEST),
    "registrations.responsetime": OneFor("a délégation"),
    "registrations.savedview": LifeOf(USER),
    "registrations.undeliveredmail": LifeOf(REQUEST),
    "registrations.upload": Purged(
        "registrations.files",
        "RETENTION_UPLOADS",
        "received_at",
        "that of a request that is open, or was decided more lately",
    ),
    # --- the lifecycle -----------------------------------------------------------------------
    "lifecycle.hold": Purged("lifecycle.retention", "RETENTION_LEDGER", "released_at"),
    "lifecycle.ledgerentry": Purged("lifecycle.retention", "RETENTION_LEDGER", "at"),
    "lifecycle.lifecyclecase": Purged("lifecycle.retention", "RETENTION_LEDGER", "closed_at"),
    "lifecycle.lifecyclerun": Purged("lifecycle.retention", "RETENTION_LEDGER", "started_at"),
    "lifecycle.reminder": LifeOf(USER),
    "lifecycle.review": LifeOf(USER),
    "lifecycle.staffproposal": LifeOf(USER),
    # --- mails, journal, jobs, Django's own --------------------------------------------------
    "outbox.mail": Purged("outbox.purge", "RETENTION_LEDGER", "created_at", "one still to be sent"),
    "outbox.bounce": LifeOf("outbox.mail"),
    "outbox.bouncetotal": OneFor("an outcome"),
    "outbox.mailtext": Edited(ADMINISTRATORS),
    "journal.entry": Purged("journal.purge", "RETENTION_JOURNAL", "at"),
    "journal.detail": LifeOf("journal.entry"),
    "admin.logentry": Purged("journal.purge", "RETENTION_JOURNAL", "action_time"),
    "jobs.jobrun": Purged("jobs.purge", "mgestion.jobs.flows.KEEP_RUNS", "started_at"),
    "jobs.jobtotal": OneFor("a job"),
    "auth.group": Edited("superusers"),
    "auth.group_permissions": Edited("superusers"),
    "auth.permission": Edited(RELEASE),
    "contenttypes.contenttype": Edited(RELEASE),
}
# A row for each migration of a release; on SQLite, the one row that opens the purge window.
NO_MODEL: Final = {"django_migrations", "journal_purge_window"}

# The terms of use: 24 months without activity, then twice 15 days; and the working days between.
ACCOUNT_LIFE: Final = timedelta(days=24 * 31 + 2 * 15 + 7)


@dataclass(frozen=True)
class Folder:
    """Files that the portal writes. `by`: the modules that write them; `job` and `setting` where a
    purge takes them away.
    """

    by: tuple[str, ...]
    bound: str
    job: str = ""
    setting: str = ""

    def describe(self) -> str:
        purge = f"`{self.job}`, `{self.setting}`; " if self.job else ""
        return f"{purge}{self.bound}"


FOLDERS: Final[dict[str, Folder]] = {
    "`DATA_DIR/documents`": Folder(
        ("registrations.documents.files",),
        "with the request's row; a file without a row (a crash) after a day",
        "registrations.files",
        "RETENTION_UPLOADS",
    ),
    "`ERASURE_LIST`": Folder(
        ("accounts.leaving.erasure_list",),
        "a line after twice this time: no backup that is kept is older",
        "lifecycle.retention",
        "RETENTION_BACKUPS",
    ),
    "`DATA_DIR/readers`": Folder(
        ("registrations.documents.reader_slots",), "an empty file for each reader of documents"
    ),
    "`STATIC_DIR`": Folder(
        ("mgestion.web.bundles",),
        "a release; parts of bundles in a folder that ends with the process",
    ),
    "`/dev/shm`, `mgestion-metrics-…`": Folder(
        ("mgestion.launch.web_server", "mgestion.launch.ended_processes"),
        "two files a web process, and two for all that ended; goes when the server stops",
    ),
    "temporary folder, without a name": Folder(
        ("mgestion.web.middleware.uploads",),
        "a document while it arrives; the system frees it with the request or the process",
    ),
    "temporary folder, `….alive`": Folder(
        ("mgestion.launch.liveness",), "an empty file a worker, and the schedule of beat"
    ),
    "embedded: `data/broker`": Folder(
        ("mgestion.launch.broker",), "a message until a worker reads it; emptied at each start"
    ),
    "embedded: `data/logs`": Folder(
        ("mgestion.launch.children",), "a file a process, emptied at each start"
    ),
    "embedded: `data/run`, `data/secret-key`": Folder(
        (
            "mgestion.launch.prepare",
            "mgestion.launch.stamps",
            "mgestion.settings.env",
            "accounts.cas.demo_platform",
        ),
        "files of fixed names",
    ),
}


def describe_tables() -> str:
    """Both tables of the page, in Markdown."""
    lines = ["| table | what takes its rows away |", "|---|---|"]
    lines += [f"| `{name}` | {bound.describe()} |" for name, bound in sorted(TABLES.items())]
    lines += ["", "| files | what takes them away |", "|---|---|"]
    lines += [f"| {name} | {folder.describe()} |" for name, folder in FOLDERS.items()]
    return "\n".join(lines) + "\n"


def replace_part(text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}{describe_tables()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(replace_part(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE} written\n")
