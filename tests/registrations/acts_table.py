"""What each act of the desk may do: by state, by role, and with which letters. Data only.

`STATES`: the act's outcome in each state, as `ok` or the code of the refusal.
`MAILS`: the kinds of mail that one success queues, no more and no less.
"""

# … · approved with a document awaited · approved and its access suspended
STATE_NAMES = (
    "submitted",
    "awaiting",
    "approved",
    "refused",
    "cancelled",
    "approved-asked",
    "suspended",
)
STATES = """
amended             ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
cancelled           ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
document_received   wrong_state ok   not_asked    wrong_state  wrong_state  ok  ok
message_received    ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
message_sent        ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
taken               ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
released            ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
assigned            ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
rerouted            ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
approved            ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
refused             ok  ok           wrong_state  wrong_state  wrong_state  wrong_state  wrong_state
document_asked      ok  asked        ok           wrong_state  wrong_state  asked  ok
document_withdrawn  wrong_state ok   not_asked    wrong_state  wrong_state  ok  not_asked
access_suspended    wrong_state wrong_state ok    wrong_state  wrong_state  ok  no_access
access_restored     wrong_state wrong_state not_suspended wrong_state wrong_state not_suspended  ok
reopened            wrong_state wrong_state ok    ok           wrong_state  ok  ok
noted               ok  ok           ok           ok           ok           ok  ok
"""

# applicant · another applicant · reviewer in scope · reviewer out of it · auditor · national ·
# a reviewer's own request, by himself
ROLE_NAMES = ("applicant", "stranger", "reviewer", "outsider", "auditor", "national", "own")
_PERSON = "ok unknown_request unknown_request unknown_request unknown_request unknown_request ok"
_DESK = "not_allowed not_allowed ok out_of_scope not_allowed ok own_request"
MAILS = {
    "amended": (),  # the same délégation: it knows of the request already
    "cancelled": (),
    "document_received": ("registrations.document_received",),
    "message_received": ("registrations.message_to_desk",),
    "message_sent": ("registrations.message_to_person",),
    "taken": (),
    "released": (),
    "assigned": (),
    "rerouted": ("registrations.to_delegation",),  # nothing to the applicant
    "approved": ("registrations.approved",),
    "refused": ("registrations.refused",),
    "document_asked": ("registrations.document_asked",),
    "document_withdrawn": ("registrations.document_withdrawn",),
    "access_suspended": ("registrations.access_suspended",),
    "access_restored": ("registrations.access_restored",),
    "reopened": ("registrations.reopened", "registrations.to_delegation"),
    "noted": (),
}

ACTS = tuple(MAILS)
BY_PERSON = ("amended", "cancelled", "document_received", "message_received")
ROLES = {act: _PERSON if act in BY_PERSON else _DESK for act in ACTS}


def by_state(state: str) -> list[tuple[str, str]]:
    """(act, outcome) of each act on a request in `state`."""
    cells = []
    for line in STATES.strip().splitlines():
        act, *outcomes = line.split()
        assert len(outcomes) == len(STATE_NAMES), act
        cells.append((act, outcomes[STATE_NAMES.index(state)]))
    return cells


def by_role() -> list[tuple[str, str, str]]:
    """(role, act, outcome) in a state where the act is possible. What those may do whose act it is
    is proven in each state.
    """
    return [
        (role, act, outcome)
        for act, outcomes in ROLES.items()
        for role, outcome in zip(ROLE_NAMES, outcomes.split(), strict=True)
        if role != ("applicant" if act in BY_PERSON else "reviewer")
    ]


# Whoever does one of these has read the request: a page that was opened before it changed does not.
BY_WHO_HAS_READ = ("approved", "refused", "document_asked", "message_sent", "reopened")
