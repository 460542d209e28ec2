"""The faults of `make mutants`: what is wrong, where, the text before and after, the test files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Mutant:
    what: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


def _of(path: str, tests: str, *faults: tuple[str, str, str]) -> list[Mutant]:
    """Faults of one file that the same test files notice: (what, old, new)."""
    return [Mutant(what, path, old, new, tuple(tests.split())) for what, old, new in faults]


MUTANTS: Final[list[Mutant]] = [
    # --- dates ---
    *_of(
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
    *_of(
        "mgestion/text/dates.py",
        "test_imports.py",
        (
            "an import upwards",
            "from calendar import monthrange",
            "import accounts\nfrom calendar import monthrange",
        ),
    ),
    # --- the lifecycle's calendar ---
    *_of(
        "lifecycle/rules/policy.py",
        "lifecycle/rules/test_policy.py",
        (
            "fourteen days and not fifteen",
            "return accepted + timedelta(days=days)",
            "return accepted + timedelta(days=days - 1)",
        ),
        (
            "the notice goes a day early",
            "idle_day(facts.clock_from, rules) + _DAY)",
            "idle_day(facts.clock_from, rules))",
        ),
        (
            "a late acceptance gives fewer days",
            "return max(announced, earned) if announced else earned",
            "return announced or earned",
        ),
        (
            "activity does not overtake a case",
            "if case is None or case.anchor < anchor:",
            "if case is None:",
        ),
        ("a hold holds nothing", "    if facts.held:", "    if False:"),
        (
            "the last national administrator is not kept",
            "    if facts.last_superuser and step != Step.REMIND:",
            "    if False:",
        ),
        (
            "an open request keeps nothing",
            "    if facts.open_request and step in (",
            "    if False and step in (",
        ),
        (
            "an unfinished sign-up goes a day early",
            "timedelta(days=rules.pending_days + 1)",
            "timedelta(days=rules.pending_days)",
        ),
    ),
    # --- the outbox ---
    *_of(
        "mgestion/outbox/catalogue/markdown.py",
        "outbox/test_mail_texts.py",
        (
            "what a person typed is read as Markdown",
            r'return _PUNCTUATION.sub(r"\\\1", join_on_one_line(value))',
            "return join_on_one_line(value)",
        ),
    ),
    *_of(
        "accounts/entry/emails.py",
        "entry/test_mails.py",
        ("a late mail brings a dead link", "links.restart_link(key, now)", "pass"),
    ),
    *_of(
        "mgestion/back_off.py",
        "outbox/test_delivery.py entry/login/test_lock.py",
        ("retries do not space out", "min(first * int(factor**steps), longest)", "first"),
    ),
    *_of(
        "mgestion/outbox/bounces/flows.py",
        "outbox/bounces/test_bounces.py",
        (
            "a report about another recipient counts",
            "if not mail.to or fold_recipient(mail.to) not in report.recipients:",
            "if not mail.to:",
        ),
    ),
    *_of(
        "lifecycle/engine/returned_mail.py",
        "lifecycle/engine/test_returned_mail.py",
        (
            "a returned mail cancels what a letter announced",
            "state=CaseState.ANNOUNCED, deletion_letter_on__isnull=True",
            "state=CaseState.ANNOUNCED",
        ),
        (
            "an announced deadline stays published",
            "deadlines.withdraw_deadlines(case.user)",
            "pass",
        ),
    ),
    *_of(
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
    # --- requests: states, guards, decisions ---
    *_of(
        "registrations/requests/review/review_rules.py",
        "registrations/test_matrix.py",
        (
            "a decided request is approved again",
            "RequestAct.APPROVED: Transition(_OPEN, ",
            "RequestAct.APPROVED: Transition(frozenset(RequestStatus), ",
        ),
        (
            "a decided request is cancelled",
            "RequestAct.CANCELLED: Transition(_OPEN, ",
            "RequestAct.CANCELLED: Transition(frozenset(RequestStatus), ",
        ),
    ),
    *_of(
        "registrations/conversation/flows.py",
        "registrations/conversation/test_messages.py",
        (
            "a form posted twice is two messages",
            "    if _is_recorded(request, key):\n        delete_files(",
            "    if False:\n        delete_files(",
        ),
        ("each message has its own mail", "    if not waiting.exists():", "    if True:"),
        (
            "an agent answers what they have not read",
            "    ensure_version(request, version)\n    if not text:",
            "    if not text:",
        ),
    ),
    *_of(
        "registrations/requests/review/review_rules.py",
        "registrations/desk/test_queue.py registrations/documents/test_asking.py",
        (
            "a pause stops no clock",
            "    if request.paused_at is not None:\n        return DueState.PAUSED",
            "    if False:\n        return DueState.PAUSED",
        ),
    ),
    *_of(
        "registrations/requests/request_guards.py",
        "registrations/desk/test_decide.py registrations/desk/test_decision.py",
        ("a page that went stale decides", "if request.version != version:", "if False:"),
        ("one decides on one's own request", "if request.user_id == actor_user.pk:", "if False:"),
        (
            "a decision out of scope",
            "if not may_see_request(staff, delegation_id="
            "request.delegation_id, dga_id=request.dga_id):",
            "if False:",
        ),
    ),
    *_of(
        "registrations/desk/acts/decide.py",
        "registrations/desk/test_decide.py",
        ("another role without a reason", "if given != usual and not reason:", "if False:"),
        (
            "an administrator without evidence",
            "if given.is_administrator and not evidence:",
            "if False:",
        ),
        (
            "a refusal is not mailed",
            '_queue_decision_mail("registrations.refused", request, now)',
            "pass",
        ),
        ("a refusal without a text", "    if not text:", "    if False:"),
    ),
    *_of(
        "registrations/desk/queue/filters.py",
        "registrations/desk/test_queue.py",
        ("an unknown filter shows everything", "return queryset.none()", "return queryset"),
    ),
    *_of(
        "templates/registrations/enrolment/request_status.html",
        "registrations/enrolment/test_status_page.py",
        (
            "the button leads elsewhere",
            '{{ entry_url }}">Ouvrir mon espace',
            '/services/">Ouvrir mon espace',
        ),
    ),
    # --- requests for any platform ---
    *_of(
        "registrations/enrolment/base_form.py",
        "registrations/enrolment/test_platform_form.py",
        ("a type that is not taken passes", "if kind in self.refused_kinds:", "if False:"),
    ),
    *_of(
        "registrations/enrolment/submit_flows.py",
        "registrations/enrolment/test_platform_form.py",
        (
            "a forged profile or a closed platform passes",
            "answers.profile, holds_access=mine.exists()):",
            "answers.profile, holds_access=mine.exists()) and False:",
        ),
    ),
    *_of(
        "registrations/requests/platform_links.py",
        "registrations/enrolment/test_platform_road.py",
        (
            "any address is kept to go on to",
            'return service if found is not None and found.pk == platform.pk else ""',
            "return service",
        ),
        (
            "a mail says M-Gestion of each platform",
            'return "M-Gestion" if platform.code in MGESTION else platform.name',
            'return "M-Gestion"',
        ),
    ),
    *_of(
        "accounts/habilitations/accesses/querysets.py",
        "registrations/desk/test_platforms.py",
        (
            "the fallback DGA sees accounting firms",
            'f"{prefix}branch__isnull": True, f"{prefix}kind__in": TRAINING_KINDS',
            'f"{prefix}branch__isnull": True',
        ),
    ),
    *_of(
        "registrations/desk/decision/list_place.py",
        "registrations/desk/test_list_walk.py",
        (
            "a decided request loses its place",
            'if "status" in values and not item.is_open:',
            "if False:",
        ),
        (
            "the next one that an act named is forgotten",
            "if is_uuid(key) else None",
            "if False else None",
        ),
    ),
    *_of(
        "registrations/desk/queue/saved_view_flows.py",
        "registrations/desk/test_saved_views.py",
        (
            "a colleague changes a shared view",
            "return view.owner_id == user.pk or (shared and may_configure(staff))",
            "return view.owner_id == user.pk or shared",
        ),
    ),
    *_of(
        "registrations/desk/queue/rows.py",
        "registrations/desk/test_platforms.py",
        ("the column never folds", "platform=len(platforms) > 1", "platform=len(platforms) > 0"),
    ),
    *_of(
        "registrations/space/my_services.py",
        "registrations/space/test_services_page.py",
        ("every platform suits everybody", "or bool(kinds & taken)", "or True"),
    ),
    # --- scopes and permissions ---
    *_of(
        "accounts/habilitations/staff/permissions.py",
        "habilitations/test_permissions_table.py registrations/desk/test_queue.py",
        (
            "everybody sees every request",
            "delegation_id in staff.delegation_ids or dga_id in staff.dga_ids",
            "True",
        ),
        (
            "the queue has no scope",
            "    if staff.sees_everything:\n        return Q()",
            "    if True:\n        return Q()",
        ),
        (
            "an auditor decides",
            "return staff is not None and staff.role in (StaffRole.NATIONAL, StaffRole.REVIEWER)",
            "return staff is not None",
        ),
        (
            "an account that is not active is an agent's",
            "not isinstance(user, User) or not user.is_active or not user.is_staff",
            "not isinstance(user, User) or not user.is_staff",
        ),
    ),
    *_of(
        "accounts/habilitations/reference/routing.py",
        "habilitations/test_routing.py",
        ("a branch's DGA is passed over", "branch.dga or fallback_dga", "fallback_dga"),
        (
            "a CFA goes to no délégation",
            "return Route(department.delegation, fallback_dga, Dashboard.OF)",
            "return Route(None, fallback_dga, Dashboard.OF)",
        ),
    ),
    # --- CAS ---
    *_of(
        "accounts/cas/tickets/ticket_life.py",
        "cas/test_validation.py cas/test_enter.py",
        ("a ticket serves twice", "WHERE digest = %s AND consumed_at IS NULL", "WHERE digest = %s"),
        ("a ticket never runs out", "    if row.expires_at <= now:", "    if False:"),
        (
            "a ticket serves another service",
            "if not cas_services.are_same(row.service, service):",
            "if False:",
        ),
        ("renew is not honoured", "if renew and not row.new_login:", "if False:"),
        (
            "an ended access still validates",
            "if found is None or found.closed is not None:",
            "if found is None:",
        ),
    ),
    *_of(
        "accounts/cas/tickets/ticket_life.py",
        "cas/test_enter.py",
        (
            "a platform in maintenance gets tickets",
            "AND platform.enabled AND platform.maintenance_message = ''",
            "AND platform.enabled",
        ),
    ),
    *_of(
        "accounts/habilitations/platforms/cas_services.py",
        "habilitations/test_services.py",
        ("a backslash is read two ways", 'if "\\\\" in url:', "if False:"),
        (
            "a closed platform gets tickets",
            "    if not rule.platform.enabled:\n        return None",
            "    if False:\n        return None",
        ),
        (
            "the broadest rule decides",
            'max(rules, key=lambda rule: len(rule.path.rstrip("/")))',
            'min(rules, key=lambda rule: len(rule.path.rstrip("/")))',
        ),
    ),
    *_of(
        "accounts/habilitations/platforms/cas_services.py",
        "cas/test_addresses.py",
        (
            "any entry address takes the published links away",
            "get_origin(platform.entry_url) == service.origin",
            "bool(platform.entry_url)",
        ),
    ),
    # --- the GET guard, masks ---
    *_of(
        "mgestion/web/middleware/readonly.py",
        "web/test_readonly.py",
        ("a GET writes", "if _allowed.get() is None and is_write(sql):", "if False:"),
        ("WITH … DELETE is a read", "return bool(_WRITING_WORD.search(statement))", "return False"),
    ),
    *_of(
        "accounts/cas/apps.py",
        "ground/test_masking.py",
        ("a ticket stays in the logs", '"cas", ("ticket", "pgt",', '"cas", ("pgt",'),
    ),
    *_of(
        "mgestion/web/logging/masking.py",
        "ground/test_masking.py",
        (
            "a decoded line break forges a line",
            'return _CONTROL.sub("?", understood)',
            "return understood",
        ),
    ),
    # --- limits, failures, second factor ---
    *_of(
        "accounts/entry/limits/rate_limits.py",
        "entry/login/test_lock.py entry/second_factor/test_second_factor.py "
        "entry/login/test_attacks.py",
        (
            "one event too many",
            "return 0 if count <= most else",
            "return 0 if count <= most + 1 else",
        ),
        ("a failure too many is free", "    if beyond <= 0:", "    if beyond <= 1:"),
        (
            "a known device counts with strangers",
            ':known:{device}" if device else',
            ':others" if device else',
        ),
        (
            "a mailbox opens the second factor's count",
            "counters.exclude(pk=get_factor_key(address)).delete()",
            "counters.delete()",
        ),
    ),
    *_of(
        "accounts/entry/second_factor/passkeys/passkey_flows.py",
        "entry/second_factor/test_passkeys.py",
        ("a challenge counts twice", "if row is None or not found.delete()[0]:", "if row is None:"),
    ),
    *_of(
        "accounts/passwords/rules.py",
        "accounts/test_passwords.py",
        (
            "one's own name is a password",
            "if any(len(clue) >= _SHORTEST_CLUE and clue in text for clue in clues):",
            "if False:",
        ),
        (
            "an accent in two characters is no letter",
            'unicodedata.normalize("NFC", password)',
            "password",
        ),
        (
            "agents need no more than others",
            'self.staff_min_length if getattr(user, "is_staff", False) else self.min_length',
            "self.min_length",
        ),
    ),
    # --- states of an account ---
    *_of(
        "accounts/people/account_states.py",
        "accounts/test_standing.py",
        (
            "revived at the first moment that is too late",
            "if facts.revivable_until is None or now < facts.revivable_until:",
            "if facts.revivable_until is None or now <= facts.revivable_until:",
        ),
        (
            "a mailed link activates any account",
            "filter(pk=user.pk, status=Status.PENDING).update(",
            "filter(pk=user.pk).update(",
        ),
    ),
    *_of(
        "accounts/leaving/account_departures.py",
        "lifecycle/desk/test_admin.py lifecycle/rules/test_rules.py "
        "registrations/establishments/test_users.py",
        (
            "an administrator undoes inactivity",
            'in ("staff", "system") else (Status.DEACTIVATED_BY_ADMIN,)',
            'in ("staff", "system") else _LEAVING',
        ),
        ("a suspension never bars the address", "    if block:", "    if False:"),
    ),
    *_of(
        "accounts/entry/gates.py",
        "cas/test_doors.py",
        ("conditions stop nobody", "    if facts.conditions_wait:", "    if False:"),
    ),
    *_of(
        "accounts/legal/terms/gate.py",
        "legal/test_gate.py",
        (
            "new terms stop nobody",
            "if not do_terms_wait(user, timezone.now()):",
            "if True:",
        ),
    ),
    *_of(
        "registrations/invitations/acceptance_flows.py",
        "registrations/invitations/test_invited.py",
        (
            "an administrator who has left decides by an old invitation",
            'return rules.exists() and bool(list(held.select_for_update(of=("self",))))',
            "return rules.exists()",
        ),
        (
            "a withdrawn invitation is accepted",
            "    if state != InvitationStatus.PENDING:\n        raise WrongState",
            "    if state == InvitationStatus.EXPIRED:\n        raise WrongState",
        ),
    ),
    # --- erasure, append-only tables ---
    *_of(
        "accounts/leaving/account_erasure.py",
        "personal_data/test_erasure.py lifecycle/engine/test_reconcile.py",
        (
            "the journal's details outlive the person",
            "for name, entry in personal_data.list_entries()}",
            'for name, entry in personal_data.list_entries() if "journal" not in name}',
        ),
        (
            "the last administrator is erased",
            "_refuse_last(user_ids[start : start + _CHUNK])",
            "pass",
        ),
        (
            "no list outside the database",
            "erasure_list.write_erasures(erasure_list.MEANT, people.public_ids, now)",
            "pass",
        ),
    ),
    # --- what happens to an access ---
    *_of(
        "accounts/cas/single_logout/sessions_to_end.py",
        "cas/test_access_ends.py",
        (
            "one access of two that ends leaves the session open",
            'ended_at__gte=OuterRef("issued_at")',
            'ended_at__gte=OuterRef("expires_at"), pk=0',
        ),
        ("a changed role leaves the session open", 'Value("role")', 'Value("")'),
    ),
    *_of(
        "registrations/accesses/my_accesses.py",
        "registrations/accesses/test_leaving.py",
        ("a person leaves for somebody else", ".filter(user=user)", ".filter(pk__gt=0)"),
    ),
    *_of(
        "registrations/accesses/leave_flows.py",
        "registrations/accesses/test_leaving.py",
        (
            "what is asked for where one leaves stays open",
            "cancel_request(request.pk, person, now)",
            "pass",
        ),
    ),
    *_of(
        "registrations/invitations/acceptance_flows.py",
        "registrations/invitations/test_limits_of_invitations.py",
        (
            "an administrator gives back what an agent suspended",
            "access.suspended_at is not None for",
            "False for",
        ),
        (
            "an invitation opens a closed platform",
            "if not invitation.platform.enabled:",
            "if False:",
        ),
        (
            "who invited accepts",
            "if invitation.invited_by_id == person.pk:",
            "if False:",
        ),
    ),
    *_of(
        "registrations/invitations/models.py",
        "registrations/invitations/test_limits_of_invitations.py",
        (
            "an invitation proves for ever",
            "and now < self.expires_at",
            "and True",
        ),
    ),
    *_of(
        "registrations/enrolment/amend_flows.py",
        "registrations/invitations/test_limits_of_invitations.py",
        (
            "an invitation is good for every establishment",
            "        ensure_requestable(user, answers)",
            "        pass",
        ),
    ),
    *_of(
        "registrations/establishments/role_flows.py",
        "registrations/establishments/test_role_changes.py",
        (
            "an administrator of another platform changes roles",
            "if access.role not in given or not _administers(viewer, access):",
            "if access.role not in given:",
        ),
        (
            "a role that is not handed over is taken away",
            "if access.role not in given or not",
            "if not",
        ),
    ),
    *_of(
        "registrations/desk/acts/access_files.py",
        "registrations/desk/test_access_files.py",
        (
            "a file has the date of its asking",
            "decided_at=access.granted_at",
            "decided_at=access.granted_at + settings.REVIEW_DUE",
        ),
        ("a second file", "    if known is not None:", "    if False:"),
    ),
    *_of(
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
    # --- the company directory on the forms ---
    *_of(
        "registrations/directory/search_flows.py",
        "registrations/directory/test_search.py",
        (
            "a directory that fails is asked for ever",
            "if circuit is None or circuit.failures < settings.COMPANY_FAILURES:",
            "if True:",
        ),
    ),
    *_of(
        "registrations/directory/company_http.py",
        "registrations/directory/test_search.py",
        (
            "another establishment is an answer",
            "if query.siret and siret != query.siret or not",
            "if not",
        ),
    ),
    *_of(
        "registrations/enrolment/establishment/establishment_search.py",
        "registrations/enrolment/test_establishment_search.py",
        (
            "what was typed is overwritten",
            'if replace or not typed.get(name, "").strip()',
            "if True",
        ),
    ),
    *_of(
        "accounts/entry/sessions/middleware.py",
        "cas/test_session_life.py",
        ("the identifier is typed again", "if reason in _BY_TIME and", "if False and"),
    ),
    *_of(
        "accounts/habilitations/platforms/admission.py",
        "registrations/enrolment/test_platform_form.py",
        ("an invitation is a request online", "if way_in == WayIn.INVITATION:", "if False:"),
    ),
    # --- the staff pages ---
    *_of(
        "mgestion/admin/row_kinds.py",
        "web/test_staff_search.py",
        (
            "a list that refuses its reader is searched for them",
            "if pages is None or not pages.has_view_permission(http):",
            "if pages is None:",
        ),
    ),
    *_of(
        "mgestion/admin/related_rows.py",
        "web/test_related_rows.py",
        (
            "what belongs to an unknown row is everything",
            "self.condition = Q(pk__in=())",
            "self.condition = None",
        ),
    ),
    *_of(
        "mgestion/journal/export.py",
        "journal/test_export.py",
        (
            "the name that was sought is kept in the journal",
            "for name, value in chosen.items() if name != SEARCH_VAR}",
            "for name, value in chosen.items()}",
        ),
    ),
    *_of(
        "registrations/desk/home/forecast.py",
        "registrations/desk/test_forecast.py",
        (
            "a suggestion makes others late",
            "return None if ready > due or pushed else ready",
            "return None if ready > due else ready",
        ),
    ),
    *_of(
        "registrations/requests/models.py",
        "registrations/desk/test_forecast.py",
        (
            "only invited requests were decided",
            '            Q(**{f"{invited_by}__isnull": True})\n            | Q(decided_by',
            "            Q(decided_by",
        ),
    ),
    # --- what people are told ---
    *_of(
        "accounts/people/to_do.py",
        "registrations/space/test_to_do.py",
        ("a page leads to itself", "if urlsplit(line.url).path != here", "if line.url != here"),
    ),
    *_of(
        "registrations/enrolment/awaited_answers.py",
        "registrations/space/test_to_do.py",
        ("a request sent again is still to mend", ") & ~Exists(later)", ")"),
    ),
    *_of(
        "registrations/promise/response_times.py",
        "registrations/promise/test_promise.py",
        ("a handful of decisions is a figure", "decided__gte=LEAST", "decided__gte=1"),
    ),
    *_of(
        "registrations/receipts/receipt_drawer.py",
        "registrations/receipts/test_receipts.py",
        ("hidden signs are drawn", 'not in ("Cc", "Cf", "Mn", "Me", "Cs")', "is not None"),
    ),
]
