"""Who gets what at each address. Read by `tests/test_permissions.py`; a new address needs its row.

Outcomes: a status · `login` to the login page · `no` the administration sends him away (its own
door answers 403 to whoever is signed in) · `go` led somewhere else. 404 is also what « not yours »
looks like (S14) · `enrol` to the page of the second factor, and on from there. A pending account
that holds a session is treated as nobody.
"""

from functools import cache

PERSONAS = (
    "anonymous",
    "pending",
    "user",  # without access; the open request is his
    "holder",  # of an access
    "administrator",  # of an establishment
    "reviewer in",  # the scope of the request
    "reviewer out",
    "auditor",
    "national",
    "reviewer without factor",  # same scope as « reviewer in »; his session shows no second factor
)
# The last persona has no column: outside of the administration he is « reviewer in », inside he is
# led to enrolment (`enrol`), whatever the page and whoever adds it. A row that is to differ may be
# written with ten outcomes.
_LIKE = PERSONAS.index("reviewer in")

# address · method (or BOTH for GET and POST) · one outcome for each persona but the last
ROWS = """
cas:home                        GET  login login go  go  go  go  go  go  go
cas:login                       BOTH 200 200 200 200 200 200 200 200 200
cas:logout                      BOTH 200 200 200 200 200 200 200 200 200
cas:confirm                     GET  405 405 405 405 405 405 405 405 405
cas:confirm                     POST login login login login login login login login login
cas:validate                    GET  200 200 200 200 200 200 200 200 200
cas:service_validate            GET  200 200 200 200 200 200 200 200 200
cas:proxy_validate              GET  200 200 200 200 200 200 200 200 200
cas:p3_service_validate         GET  200 200 200 200 200 200 200 200 200
cas:p3_proxy_validate           GET  200 200 200 200 200 200 200 200 200
cas:proxy                       GET  200 200 200 200 200 200 200 200 200
entry:sign_up                   BOTH 200 200 200 200 200 200 200 200 200
entry:sign_up_sent              GET  200 200 200 200 200 200 200 200 200
entry:create_password           BOTH 404 404 404 404 404 404 404 404 404
entry:reset                     BOTH 200 200 200 200 200 200 200 200 200
entry:reset_sent                GET  200 200 200 200 200 200 200 200 200
entry:reset_password            BOTH 410 410 410 410 410 410 410 410 410
entry:unlock                    BOTH 410 410 410 410 410 410 410 410 410
entry:factor                    GET  login login 200 200 200 200 200 200 200
entry:factor_set_up             BOTH login login go go go go go go go
entry:factor_codes              GET  login login 405 405 405 405 405 405 405
entry:factor_codes              POST login login go go go go go go go
entry:factor_remove             BOTH login login go go go go go go go
entry:factor_confirm            BOTH login login 200 200 200 200 200 200 200
entry:factor_mailed_code        BOTH login login go go go go go go go
entry:passkey_add               BOTH login login go go go go go go go
entry:passkey_add_options       GET  login login 405 405 405 405 405 405 405
entry:passkey_add_options       POST login login go go go go go go go
entry:passkey_options           GET  405 405 405 405 405 405 405 405 405
entry:passkey_options           POST 409 409 409 409 409 409 409 409 409
entry:passkey                   BOTH login login go go go go go go go
entry:second_factor             BOTH login login login login login login login login login
entry:ask_address               BOTH login login go go go go go go go
entry:change_address            BOTH 410 410 410 410 410 410 410 410 410
profile:rectify                 BOTH login login 200 200 200 200 200 200 200
profile:end_session             GET  login login 405 405 405 405 405 405 405
profile:end_session             POST login login go go go go go go go
entry:demo_codes                GET  200 200 200 200 200 200 200 200 200
entry:loss_ask                  BOTH 200 200 200 200 200 200 200 200 200
entry:loss_sent                 GET  200 200 200 200 200 200 200 200 200
entry:loss                      BOTH 410 410 410 410 410 410 410 410 410
legal:terms                     GET  200 200 200 200 200 200 200 200 200
legal:terms                     POST 405 405 405 405 405 405 405 405 405
legal:terms_archive             BOTH 200 200 200 200 200 200 200 200 200
legal:consent                   GET  405 405 405 405 405 405 405 405 405
legal:consent                   POST go  go  go  go  go  go  go  go  go
legal:terms_version             GET  200 200 200 200 200 200 200 200 200
legal:gate                      BOTH login login go  go  go  go  go  go  go
legal:terms_difference          GET  404 404 404 404 404 404 404 404 404
legal:conditions_index          GET  200 200 200 200 200 200 200 200 200
legal:conditions                GET  200 200 200 200 200 200 200 200 200
legal:conditions_archive        BOTH 200 200 200 200 200 200 200 200 200
legal:conditions_gate           BOTH login login go  go  go  go  go  go  go
legal:conditions_difference     GET  404 404 404 404 404 404 404 404 404
legal:conditions_version        GET  404 404 404 404 404 404 404 404 404
legal:notices                   GET  200 200 200 200 200 200 200 200 200
legal:privacy                   GET  200 200 200 200 200 200 200 200 200
legal:cookies                   GET  200 200 200 200 200 200 200 200 200
legal:accessibility             GET  200 200 200 200 200 200 200 200 200
habilitations:api:openapi-json  GET  200 200 200 200 200 200 200 200 200
habilitations:api:push_activity POST 401 401 401 401 401 401 401 401 401
habilitations:api:search        POST 401 401 401 401 401 401 401 401 401
habilitations:api:changes       GET  401 401 401 401 401 401 401 401 401
habilitations:api:people        GET  401 401 401 401 401 401 401 401 401
habilitations:api:api-root      GET  404 404 404 404 404 404 404 404 404
admin:profile_rightsrequest_act BOTH login login no no no 403 403 403 200
admin:legal_termsrequest_answer BOTH login login no no no 403 403 403 200
admin:habilitations_platform_test GET login login no no no 403 403 200 200
habilitations:roles             GET  200 200 200 200 200 200 200 200 200
habilitations:roles             POST 405 405 405 405 405 405 405 405 405
registrations:help              GET  200 200 200 200 200 200 200 200 200
profile:home                    GET  login login 200 200 200 200 200 200 200
profile:change_password         BOTH login login 200 200 200 200 200 200 200
profile:my_data                 GET  login login 200 200 200 200 200 200 200
profile:my_data                 POST login login 405 405 405 405 405 405 405
profile:ask_export              BOTH login login go  go  go  go  go  go  go
profile:export                  BOTH login login go  go  go  go  go  go  go
profile:ask_right               BOTH login login 200 200 200 200 200 200 200
profile:close                   BOTH login login 200 200 200 200 200 200 200
profile:closing                 BOTH login login login login login login login login login
profile:end_sessions            GET  login login 405 405 405 405 405 405 405
profile:end_sessions            POST login login login login login login login login login
registrations:landing           GET  login login go 200 200 go go go go
registrations:landing           POST login login 405 405 405 405 405 405 405
registrations:services          GET  login login 200 200 200 200 200 200 200
registrations:authenticate      GET  login login go go go go go go go
registrations:access_refused    GET  login login 403 403 403 403 403 403 403
registrations:establishment_search BOTH login login 200 200 200 200 200 200 200
registrations:establishment_answer GET  login login 405 405 405 405 405 405 405
registrations:establishment_answer POST login login 200 200 200 200 200 200 200
registrations:response_time     GET  login login 200 200 200 200 200 200 200
registrations:response_time     POST login login 405 405 405 405 405 405 405
registrations:demo_directory    GET  200 200 200 200 200 200 200 200 200
registrations:request_new       BOTH login login 200 200 200 200 200 200 200
registrations:request_for_platform BOTH login login 200 200 200 200 200 200 200
registrations:request_moved      BOTH login login go  go  go  go  go  go  go
registrations:request_moved_page BOTH login login go  go  go  go  go  go  go
registrations:request_status    GET  login login 200 404 404 404 404 404 404
registrations:request_edit      BOTH login login 200 404 404 404 404 404 404
registrations:request_answer    BOTH login login go  404 404 404 404 404 404
registrations:request_message   GET  login login go  404 404 404 404 404 404
registrations:request_message   POST login login 200 404 404 404 404 404 404
registrations:request_messages_read BOTH login login go 404 404 404 404 404 404
registrations:request_receipt   GET  login login 200 404 404 404 404 404 404
registrations:request_paper     GET  login login 404 404 404 404 404 404 404
registrations:request_cancel    GET  login login 200 404 404 404 404 404 404
registrations:request_cancel    POST login login go  404 404 404 404 404 404
registrations:my_accesses       GET  login login 200 200 200 200 200 200 200
registrations:leave_platform    GET  login login 404 200 404 404 404 404 404
registrations:leave_platform    POST login login 404 go  404 404 404 404 404
registrations:ask_later_role    BOTH login login 404 404 404 404 404 404 404
registrations:leave_establishment GET login login 404 200 200 404 404 404 404
registrations:leave_establishment POST login login 404 go go 404 404 404 404
registrations:users             GET  login login 404 404 200 404 404 404 404
registrations:users_review      GET  login login 404 404 200 404 404 404 404
registrations:users_review      POST login login 404 404 404 404 404 404 404
registrations:user_deactivate   BOTH login login 404 404 go  404 404 404 404
registrations:user_role         BOTH login login 404 404 200 404 404 404 404
registrations:user_reactivate   GET  login login 405 405 405 405 405 405 405
registrations:user_reactivate   POST login login 404 404 go  404 404 404 404
registrations:invitations       GET  login login 404 404 200 404 404 404 404
registrations:invite            BOTH login login 404 404 200 404 404 404 404
registrations:invitation_resend GET  login login 405 405 405 405 405 405 405
registrations:invitation_resend POST login login 404 404 go  404 404 404 404
registrations:invitation_revoke GET  login login 404 404 200 404 404 404 404
registrations:invitation_revoke POST login login 404 404 go  404 404 404 404
registrations:invitation        BOTH 404 404 404 404 404 404 404 404 404
registrations:invitation_password BOTH 404 404 404 404 404 404 404 404 404
registrations:invited           BOTH login login 403 403 403 403 403 403 403
jobs:healthz                    GET  200 200 200 200 200 200 200 200 200
robots                          GET  200 200 200 200 200 200 200 200 200
security_txt                    GET  200 200 200 200 200 200 200 200 200
profile:change_password_well_known GET go go go go go go go go go
jobs:readyz                     GET  200 200 200 200 200 200 200 200 200
jobs:metrics                    GET  200 200 200 200 200 200 200 200 200
outbox:bounces                  GET  405 405 405 405 405 405 405 405 405
outbox:bounces                  POST 404 404 404 404 404 404 404 404 404
outbox:mailbox                  GET  200 200 200 200 200 200 200 200 200
outbox:mail                     GET  200 200 200 200 200 200 200 200 200
outbox:mail_html                GET  404 404 404 404 404 404 404 404 404
admin:index                     GET  no no no no no 200 200 200 200
admin:login                     BOTH login login 403 403 403 go go go go
admin:logout                    BOTH no no go go go go go go go
admin:password_change           GET  no no no no no go go go go
admin:password_change_done      GET  no no no no no 200 200 200 200
admin:autocomplete              GET  no no no no no 403 403 403 403
admin:jsi18n                    GET  no no no no no 200 200 200 200
admin:app_list                  GET  no no no no no 200 200 200 200
/admin/(?P<url>.*)$             GET  no no no no no 404 404 404 404
admin:search                    GET  login login no no no 200 200 200 200
admin:search                    POST login login no no no 405 405 405 405
admin:journal_entry_export      GET  login login no no no 403 403 405 405
admin:journal_entry_export      POST login login no no no 403 403 200 200
admin:outbox_mailtext_changelist       GET  login login no no no 403 403 403 200
admin:outbox_mailtext_edit             BOTH login login no no no 403 403 403 200
admin:outbox_mailtext_preview          GET  login login no no no 405 405 405 405
admin:outbox_mailtext_preview          POST login login no no no 403 403 403 400
admin:legal_termsversion_publish       BOTH login login no no no 403 403 403 go
admin:legal_termsversion_withdraw      BOTH login login no no no 403 403 403 go
admin:lifecycle_review_keep          BOTH login login no no no 403 403 403 go
admin:jobs_job_run                   GET  login login no no no 403 403 403 200
admin:jobs_job_run                   POST login login no no no 403 403 403 go
admin:accounts_blockedperson_lift    BOTH login login no no no 403 403 403 200
admin:lifecycle_review_block         BOTH login login no no no 403 403 403 go
admin:lifecycle_account_act          BOTH login login no no no 403 403 403 go
admin:lifecycle_proposal_decide      GET  login login no no no 403 403 403 200
admin:lifecycle_proposal_decide      POST login login no no no 403 403 403 go
admin:registrations_invitation_revoke GET  login login no no no 200 404 403 200
admin:registrations_invitation_revoke POST login login no no no go  404 403 go
admin:registrations_knowncontact_import     BOTH login login no no no 403 403 403 200
admin:registrations_request_changelist GET  login login no no no 200 200 200 200
admin:registrations_request_bulk       GET  login login no no no 405 405 403 405
admin:registrations_request_bulk       POST login login no no no go  go  403 go
admin:registrations_request_export     GET  login login no no no 405 405 405 405
admin:registrations_request_export     POST login login no no no 200 200 200 200
admin:registrations_request_changes    GET  login login no no no 200 200 200 200
admin:registrations_request_changes    POST login login no no no 405 405 405 405
admin:registrations_request_views      BOTH login login no no no 200 200 200 200
admin:registrations_request_view       BOTH login login no no no 404 404 404 404
admin:registrations_request_add        BOTH login login no no no 403 403 403 403
admin:registrations_request_change     GET  login login no no no 200 404 200 200
admin:registrations_request_change     POST login login no no no 405 405 405 405
admin:registrations_request_delete     BOTH login login no no no 403 403 403 403
admin:registrations_request_history    GET  login login no no no go  go  go  go
admin:registrations_request_approve    GET  login login no no no go  404 go  go
admin:registrations_request_approve    POST login login no no no 200 404 403 200
admin:registrations_request_refuse     GET  login login no no no go  404 go  go
admin:registrations_request_refuse     POST login login no no no 200 404 403 200
admin:registrations_request_take       GET  login login no no no go  404 go  go
admin:registrations_request_take       POST login login no no no go  404 403 go
admin:registrations_request_release    GET  login login no no no go  404 go  go
admin:registrations_request_release    POST login login no no no go  404 403 go
admin:registrations_request_reroute    GET  login login no no no go  404 go  go
admin:registrations_request_reroute    POST login login no no no 200 404 403 200
admin:registrations_request_assign         GET  login login no no no go  404 go  go
admin:registrations_request_assign         POST login login no no no 200 404 403 200
admin:registrations_request_ask            GET  login login no no no go  404 go  go
admin:registrations_request_ask            POST login login no no no 200 404 403 200
admin:registrations_request_prolong        GET  login login no no no go  404 go  go
admin:registrations_request_prolong        POST login login no no no go  404 403 go
admin:registrations_request_withdraw       GET  login login no no no go  404 go  go
admin:registrations_request_withdraw       POST login login no no no go  404 403 go
admin:registrations_request_resend         GET  login login no no no go  404 go  go
admin:registrations_request_resend         POST login login no no no go  404 403 go
admin:registrations_request_told_otherwise GET  login login no no no go  404 go  go
admin:registrations_request_told_otherwise POST login login no no no go  404 403 go
admin:registrations_request_message        GET  login login no no no go  404 go  go
admin:registrations_request_message        POST login login no no no 200 404 403 200
admin:registrations_request_message_read   GET  login login no no no go  404 go  go
admin:registrations_request_message_read   POST login login no no no go  404 403 go
admin:registrations_request_ask_opinion      GET  login login no no no go  404 go  go
admin:registrations_request_ask_opinion      POST login login no no no 200 404 403 200
admin:registrations_request_give_opinion     GET  login login no no no go  404 go  go
admin:registrations_request_give_opinion     POST login login no no no 200 404 403 200
admin:registrations_request_withdraw_opinion GET  login login no no no go  404 go  go
admin:registrations_request_withdraw_opinion POST login login no no no go  404 403 go
admin:registrations_request_note           GET  login login no no no go  404 go  go
admin:registrations_request_note           POST login login no no no 200 404 403 200
admin:registrations_request_reopen         GET  login login no no no go  404 go  go
admin:registrations_request_reopen         POST login login no no no go  404 403 go
admin:registrations_request_still_here     GET  login login no no no go  404 go  go
admin:registrations_request_still_here     POST login login no no no 200 404 403 200
admin:registrations_request_suspend_access GET  login login no no no go  404 go  go
admin:registrations_request_suspend_access POST login login no no no go  404 403 go
admin:registrations_request_restore_access GET  login login no no no go  404 go  go
admin:registrations_request_restore_access POST login login no no no go  404 403 go
admin:registrations_request_receipt        GET  login login no no no 200 404 200 200
admin:registrations_request_paper          GET  login login no no no 404 404 404 404
admin:registrations_request_pages          GET  login login no no no 404 404 404 404
admin:registrations_request_page           GET  login login no no no 404 404 404 404
admin:registrations_access_file        BOTH login login no no no 200 404 403 200
admin:habilitations_access_act         BOTH login login no no no 200 404 403 200
admin:entry_account_act                BOTH login login no no no 403 403 403 200
/admin/registrations/request/<path:object_id>/ GET login login no no no go go go go
"""

# The usual six pages of a model in the administration. Those who are no agents are sent away from
# all of them; the outcomes below are those of: reviewer in · reviewer out · auditor · national.
KINDS = {
    "table": """
        changelist GET  200 200 200 200
        add        BOTH 403 403 403 200
        change     GET  200 200 200 200
        change     POST 403 403 403 200
        delete     BOTH 403 403 403 200
        history    GET  200 200 200 200
    """,
    "kept by the national administrator": """
        changelist GET  403 403 200 200
        add        BOTH 403 403 403 200
        change     GET  403 403 200 200
        change     POST 403 403 403 200
        delete     BOTH 403 403 403 200
        history    GET  403 403 200 200
    """,
    "scoped record": """
        changelist GET  200 200 200 200
        add        BOTH 403 403 403 403
        change     GET  200 go  200 200
        change     POST 403 403 403 403
        delete     BOTH 403 403 403 403
        history    GET  200 go  200 200
    """,
    "added by reviewers too": """
        changelist GET  200 200 200 200
        add        BOTH 200 200 403 200
        change     GET  200 go  200 200
        change     POST 403 403 403 403
        delete     BOTH 403 403 403 403
        history    GET  200 go  200 200
    """,
    "record": """
        changelist GET  403 403 200 200
        add        BOTH 403 403 403 403
        change     GET  403 403 200 200
        change     POST 403 403 403 403
        delete     BOTH 403 403 403 403
        history    GET  403 403 200 200
    """,
    "granted by reviewers too": """
        changelist GET  200 200 200 200
        add        BOTH 200 200 403 200
        change     GET  200 go  200 200
        change     POST 200 go  403 200
        delete     BOTH 403 403 403 403
        history    GET  200 go  200 200
    """,
    "closed, never deleted": """
        changelist GET  403 403 200 200
        add        BOTH 403 403 403 200
        change     GET  403 403 200 200
        change     POST 403 403 403 200
        delete     BOTH 403 403 403 403
        history    GET  403 403 200 200
    """,
    "token": """
        changelist GET  403 403 200 200
        add        BOTH 403 403 403 200
        change     GET  403 403 200 200
        change     POST 403 403 403 go
        delete     BOTH 403 403 403 403
        history    GET  403 403 200 200
    """,
    "frozen once published": """
        changelist GET  403 403 200 200
        add        BOTH 403 403 403 200
        change     GET  403 403 200 200
        change     POST 403 403 403 403
        delete     BOTH 403 403 403 403
        history    GET  403 403 200 200
    """,
    "entered, then moved by verbs": """
        changelist GET  403 403 200 200
        add        BOTH 403 403 403 200
        change     GET  403 403 200 200
        change     POST 403 403 403 403
        delete     BOTH 403 403 403 403
        history    GET  403 403 200 200
    """,
    "nobody's": """
        changelist GET  403 403 403 403
        add        BOTH 403 403 403 403
        change     BOTH 403 403 403 403
        delete     BOTH 403 403 403 403
        history    GET  go  go  go  go
    """,
}
MODELS = {
    "habilitations.dga": "table",
    "habilitations.delegation": "table",
    "habilitations.department": "table",
    "habilitations.branch": "table",
    "habilitations.branchproposal": "table",
    "habilitations.profile": "table",
    "habilitations.roletext": "table",
    "habilitations.admissionrule": "table",
    "registrations.refusalreason": "table",
    "registrations.askingtemplate": "table",
    "habilitations.staffmember": "kept by the national administrator",
    "habilitations.establishment": "added by reviewers too",
    "registrations.accessreview": "scoped record",
    "registrations.invitation": "scoped record",
    "registrations.knowncontact": "record",
    "habilitations.access": "granted by reviewers too",
    "habilitations.platform": "closed, never deleted",
    "habilitations.apitoken": "token",
    "cas.logoutdelivery": "record",
    "cas.logoutlane": "record",
    "accounts.user": "record",
    "accounts.allowedaddress": "kept by the national administrator",
    "accounts.blockedperson": "entered, then moved by verbs",
    "legal.termsversion": "frozen once published",
    "legal.termsacceptance": "record",
    "legal.termsrequest": "record",
    "profile.rightsrequest": "entered, then moved by verbs",
    "journal.entry": "record",
    "lifecycle.hold": "record",
    "lifecycle.staffproposal": "record",
    "lifecycle.review": "record",
    "lifecycle.ledgerentry": "record",
    "lifecycle.lifecyclecase": "record",
    "lifecycle.lifecyclerun": "record",
    "outbox.mail": "record",
    "jobs.jobrun": "record",
    "entry.sessionrecord": "nobody's",
}
NOT_AGENTS = "login login no no no"


def addresses_of_tables() -> set[str]:
    """The addresses of the usual pages of `MODELS`."""
    tables = [label.partition(".")[::2] for label in MODELS]
    pages = ("changelist", "add", "change", "delete", "history")
    named = {f"admin:{app}_{model}_{page}" for app, model in tables for page in pages}
    return named | {f"/admin/{app}/{model}/<path:object_id>/" for app, model in tables}


@cache
def pages_alike() -> frozenset[str]:
    """Pages of tables that only say: their readers may all do the same there."""
    named = {label: _pages_of(kind) for label, kind in MODELS.items()}
    return frozenset(
        f"admin:{label.replace('.', '_')}_{page}"
        for label, pages in named.items()
        for page in ("changelist", "change", "history")
        if page == "history" or all(found[-1] == found[-2] for found in pages.values())
    )


@cache
def forms_like_another() -> frozenset[str]:
    """Forms of tables whose answer is that of another: to confirm a deletion asks once more what
    was asked; an empty row is refused as an emptied one.
    """
    named = {label.replace(".", "_"): _pages_of(kind) for label, kind in MODELS.items()}
    deletions = {f"admin:{name}_delete" for name in named}
    return frozenset(
        deletions
        | {
            f"admin:{name}_add"
            for name, pages in named.items()
            if pages["change", "POST"][-1] == "200"
        }
    )


def rows() -> dict[tuple[str, str], tuple[str, ...]]:
    """(address, method) → the outcome for each persona."""
    table: dict[tuple[str, str], tuple[str, ...]] = {}
    for line in ROWS.strip().splitlines():
        address, methods, *outcomes = line.split()
        for method in _each(methods):
            table[address, method] = tuple(outcomes)
    for label, kind in MODELS.items():
        app, model = label.split(".")
        for (page, method), agents in _pages_of(kind).items():
            table[f"admin:{app}_{model}_{page}", method] = (*NOT_AGENTS.split(), *agents)
        # The old address of a row: it only leads to the new one, which decides.
        shortcut = (f"/admin/{app}/{model}/<path:object_id>/", "GET")
        table[shortcut] = (*NOT_AGENTS.split(), *["go"] * 4)
    for (address, method), columns in table.items():
        if len(columns) == len(PERSONAS) - 1:
            last = "enrol" if _guarded(address) else columns[_LIKE]
            table[address, method] = (*columns, last)
    assert all(len(outcomes) == len(PERSONAS) for outcomes in table.values())
    return table


def _pages_of(kind: str) -> dict[tuple[str, str], list[str]]:
    """(page, method) → the outcome for each agent."""
    lines = [line.split() for line in KINDS[kind].strip().splitlines()]
    return {
        (page, method): outcomes for page, methods, *outcomes in lines for method in _each(methods)
    }


def _each(methods: str) -> tuple[str, ...]:
    return ("GET", "POST") if methods == "BOTH" else (methods,)


def _guarded(address: str) -> bool:
    """Whether the second door stands before it (S11, S18): the administration but its way out."""
    inside = address.startswith(("admin:", "/admin/"))
    return inside and address not in ("admin:login", "admin:logout")
