"""Faults planted in accounts."""

from typing import Final

from tests.mutants_table.fault import Mutant, faults_of

ACCOUNTS_FAULTS: Final[list[Mutant]] = [
    *faults_of(
        "accounts/entry/emails.py",
        "entry/test_mails.py",
        ("a late mail brings a dead link", "links.restart_link(key, now)", "pass"),
    ),
    *faults_of(
        "accounts/habilitations/accesses/querysets.py",
        "registrations/desk/test_platforms.py",
        (
            "the fallback DGA sees accounting firms",
            'f"{prefix}branch__isnull": True, f"{prefix}kind__in": TRAINING_KINDS',
            'f"{prefix}branch__isnull": True',
        ),
    ),
    *faults_of(
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
    *faults_of(
        "accounts/habilitations/reference/routing.py",
        "habilitations/test_routing.py",
        ("a branch's DGA is passed over", "branch.dga or fallback_dga", "fallback_dga"),
        (
            "a CFA goes to no délégation",
            "return Route(department.delegation, fallback_dga, Dashboard.OF)",
            "return Route(None, fallback_dga, Dashboard.OF)",
        ),
    ),
    *faults_of(
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
    *faults_of(
        "accounts/cas/tickets/ticket_life.py",
        "cas/test_enter.py",
        (
            "a platform in maintenance gets tickets",
            "AND platform.enabled AND platform.maintenance_message = ''",
            "AND platform.enabled",
        ),
    ),
    *faults_of(
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
    *faults_of(
        "accounts/habilitations/platforms/cas_services.py",
        "cas/test_addresses.py",
        (
            "any entry address takes the published links away",
            "get_origin(platform.entry_url) == service.origin",
            "bool(platform.entry_url)",
        ),
    ),
    *faults_of(
        "accounts/cas/apps.py",
        "ground/test_masking.py",
        ("a ticket stays in the logs", '"cas", ("ticket", "pgt",', '"cas", ("pgt",'),
    ),
    *faults_of(
        "accounts/entry/upkeep/purge.py",
        "entry/test_purge.py",
        (
            "the lock of an account ends by itself",
            'gone = [key for key in keys if key.partition(":")[0] not in owned]',
            "gone = list(keys)",
        ),
    ),
    *faults_of(
        "accounts/habilitations/api/people_feed.py",
        "habilitations/test_api_reading.py",
        (
            "a platform is not told that lines were purged",
            "return first > since + 1 and not feed.filter(number__lt=since).exists()",
            "return False",
        ),
        (
            "a jump of the numbers is held for a purge",
            "return first > since + 1 and not feed.filter(number__lt=since).exists()",
            "return first > since + 1",
        ),
    ),
    *faults_of(
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
    *faults_of(
        "accounts/entry/login/flows.py",
        "entry/login/test_lock.py",
        (
            "a network is never refused",
            "                raise NetworkRefused(wait)",
            "                pass",
        ),
    ),
    *faults_of(
        "accounts/entry/second_factor/passkeys/passkey_flows.py",
        "entry/second_factor/test_passkeys.py",
        ("a challenge counts twice", "if row is None or not found.delete()[0]:", "if row is None:"),
    ),
    *faults_of(
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
    *faults_of(
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
    *faults_of(
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
    *faults_of(
        "accounts/entry/gates.py",
        "cas/test_doors.py",
        ("conditions stop nobody", "    if facts.conditions_wait:", "    if False:"),
    ),
    *faults_of(
        "accounts/legal/terms/gate.py",
        "legal/test_gate.py",
        (
            "new terms stop nobody",
            "if not do_terms_wait(user, timezone.now()):",
            "if True:",
        ),
    ),
    *faults_of(
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
    *faults_of(
        "accounts/cas/single_logout/sessions_to_end.py",
        "cas/test_access_ends.py",
        (
            "one access of two that ends leaves the session open",
            'ended_at__gte=OuterRef("issued_at")',
            'ended_at__gte=OuterRef("expires_at"), pk=0',
        ),
        ("a changed role leaves the session open", 'Value("role")', 'Value("")'),
    ),
    *faults_of(
        "accounts/entry/sessions/middleware.py",
        "cas/test_session_life.py",
        ("the identifier is typed again", "if reason in _BY_TIME and", "if False and"),
    ),
    *faults_of(
        "accounts/habilitations/platforms/admission.py",
        "registrations/enrolment/test_platform_form.py",
        ("an invitation is a request online", "if way_in == WayIn.INVITATION:", "if False:"),
    ),
    *faults_of(
        "accounts/people/to_do.py",
        "registrations/space/test_to_do.py",
        ("a page leads to itself", "if urlsplit(line.url).path != here", "if line.url != here"),
    ),
]
