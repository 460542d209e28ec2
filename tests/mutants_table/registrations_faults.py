"""Faults planted in registrations."""

from typing import Final

from tests.mutants_table.fault import Mutant, faults_of

REGISTRATIONS_FAULTS: Final[list[Mutant]] = [
    *faults_of(
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
    *faults_of(
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
            "    ensure_version(request, version)\n    ensure_reachable(request, now)",
            "    ensure_reachable(request, now)",
        ),
    ),
    *faults_of(
        "registrations/requests/review/review_rules.py",
        "registrations/desk/test_queue.py registrations/documents/test_asking.py",
        (
            "a pause stops no clock",
            "    if request.paused_at is not None:\n        return DueState.PAUSED",
            "    if False:\n        return DueState.PAUSED",
        ),
    ),
    *faults_of(
        "registrations/requests/review/review_rules.py",
        "registrations/conversation/test_messages.py",
        (
            "a message that was never shown counts as read",
            "        person = unshown",
            "        person = None",
        ),
    ),
    *faults_of(
        "registrations/requests/request_guards.py",
        "registrations/conversation/test_messages.py",
        (
            "the clock stands for somebody who cannot log in",
            "if not check_sign_in(request.user, now).allowed:",
            "if False:",
        ),
    ),
    *faults_of(
        "registrations/desk/decision/late_opinion.py",
        "registrations/desk/test_opinions.py",
        (
            "a late opinion tells a stranger of the request",
            "Q(person=user.public_id) | Q(dga__in=staff.dga_ids)",
            "Q()",
        ),
    ),
    *faults_of(
        "registrations/desk/opinions/opinion_flows.py",
        "registrations/desk/test_opinions.py",
        (
            "a reopened request is read by those who were asked before",
            "closed_at__isnull=True).update(closed_at=now)",
            "closed_at__isnull=True)",
        ),
    ),
    *faults_of(
        "registrations/desk/queue/bulk/bulk_outcomes.py",
        "registrations/desk/test_bulk.py",
        (
            "what nobody has read is decided with others",
            "if item.desk_unread_since is not None:",
            "if False:",
        ),
    ),
    *faults_of(
        "registrations/receipts/views.py",
        "registrations/receipts/test_receipts.py",
        ("one person keeps the drawers busy", "if drawn > DRAWINGS_A_MINUTE:", "if False:"),
    ),
    *faults_of(
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
    *faults_of(
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
            'queue_request_mail("registrations.refused", request, request.version, now)',
            "pass",
        ),
        ("a refusal without a text", "    if not text:", "    if False:"),
    ),
    *faults_of(
        "registrations/desk/queue/filters.py",
        "registrations/desk/test_queue.py",
        ("an unknown filter shows everything", "return queryset.none()", "return queryset"),
    ),
    *faults_of(
        "registrations/enrolment/base_form.py",
        "registrations/enrolment/test_platform_form.py",
        ("a type that is not taken passes", "if kind in self.refused_kinds:", "if False:"),
    ),
    *faults_of(
        "registrations/enrolment/submit_flows.py",
        "registrations/enrolment/test_platform_form.py",
        (
            "a forged profile or a closed platform passes",
            "answers.profile, holds_access=mine.exists()):",
            "answers.profile, holds_access=mine.exists()) and False:",
        ),
    ),
    *faults_of(
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
    *faults_of(
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
    *faults_of(
        "registrations/desk/queue/saved_view_flows.py",
        "registrations/desk/test_saved_views.py",
        (
            "a colleague changes a shared view",
            "return view.owner_id == user.pk or (shared and may_configure(staff))",
            "return view.owner_id == user.pk or shared",
        ),
    ),
    *faults_of(
        "registrations/desk/queue/rows.py",
        "registrations/desk/test_platforms.py",
        ("the column never folds", "platform=len(platforms) > 1", "platform=len(platforms) > 0"),
    ),
    *faults_of(
        "registrations/space/my_services.py",
        "registrations/space/test_services_page.py",
        ("every platform suits everybody", "or bool(kinds & taken)", "or True"),
    ),
    *faults_of(
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
    *faults_of(
        "registrations/accesses/my_accesses.py",
        "registrations/accesses/test_leaving.py",
        ("a person leaves for somebody else", ".filter(user=user)", ".filter(pk__gt=0)"),
    ),
    *faults_of(
        "registrations/accesses/leave_flows.py",
        "registrations/accesses/test_leaving.py",
        (
            "what is asked for where one leaves stays open",
            "cancel_request(request.pk, person, now)",
            "pass",
        ),
    ),
    *faults_of(
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
    *faults_of(
        "registrations/invitations/models.py",
        "registrations/invitations/test_limits_of_invitations.py",
        (
            "an invitation proves for ever",
            "and now < self.expires_at",
            "and True",
        ),
    ),
    *faults_of(
        "registrations/enrolment/amend_flows.py",
        "registrations/invitations/test_limits_of_invitations.py",
        (
            "an invitation is good for every establishment",
            "        ensure_requestable(user, answers)",
            "        pass",
        ),
    ),
    *faults_of(
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
    *faults_of(
        "registrations/desk/acts/access_files.py",
        "registrations/desk/test_access_files.py",
        (
            "a file has the date of its asking",
            "decided_at=access.granted_at",
            "decided_at=access.granted_at + settings.REVIEW_DUE",
        ),
        ("a second file", "    if known is not None:", "    if False:"),
    ),
    *faults_of(
        "registrations/directory/search_flows.py",
        "registrations/directory/test_search.py",
        (
            "a directory that fails is asked for ever",
            "if circuit is None or circuit.failures < settings.COMPANY_FAILURES:",
            "if True:",
        ),
    ),
    *faults_of(
        "registrations/directory/company_http.py",
        "registrations/directory/test_search.py",
        (
            "another establishment is an answer",
            "if query.siret and siret != query.siret or not",
            "if not",
        ),
    ),
    *faults_of(
        "registrations/enrolment/establishment/establishment_search.py",
        "registrations/enrolment/test_establishment_search.py",
        (
            "what was typed is overwritten",
            'if replace or not typed.get(name, "").strip()',
            "if True",
        ),
    ),
    *faults_of(
        "registrations/desk/home/forecast.py",
        "registrations/desk/test_forecast.py",
        (
            "a suggestion makes others late",
            "return None if pushed else ready",
            "return ready",
        ),
    ),
    *faults_of(
        "registrations/requests/models.py",
        "registrations/desk/test_forecast.py",
        (
            "only invited requests were decided",
            '            Q(**{f"{invited_by}__isnull": True})\n            | Q(decided_by',
            "            Q(decided_by",
        ),
    ),
    *faults_of(
        "registrations/enrolment/awaited_answers.py",
        "registrations/space/test_to_do.py",
        ("a request sent again is still to mend", ") & ~Exists(later)", ")"),
    ),
    *faults_of(
        "registrations/promise/response_times.py",
        "registrations/promise/test_promise.py",
        ("a handful of decisions is a figure", "decided__gte=LEAST", "decided__gte=1"),
    ),
    *faults_of(
        "registrations/promise/response_times.py",
        "registrations/promise/test_promise.py",
        ("a département has the figures of all", "delegation__departments=department", "pk=None"),
    ),
    *faults_of(
        "registrations/desk/queue/bulk/bulk_outcomes.py",
        "registrations/desk/test_bulk.py",
        (
            "what was just handed over comes next",
            "exclude(Q(pk__in=done) &",
            "exclude(Q(pk=None) &",
        ),
    ),
    *faults_of(
        "registrations/desk/queue/changes.py",
        "registrations/desk/test_beats.py",
        ("one's own act is told", ".exclude(actor=", ".exclude(request_id=None, actor="),
    ),
    *faults_of(
        "registrations/receipts/receipt_drawer.py",
        "registrations/receipts/test_receipts.py",
        ("hidden signs are drawn", 'not in ("Cc", "Cf", "Mn", "Me", "Cs")', "is not None"),
    ),
    *faults_of(
        "registrations/documents/files.py",
        "registrations/documents/test_full_disk.py",
        (
            "half a document stays on a full disk",
            "    except BaseException:\n        target.unlink(missing_ok=True)\n",
            "    except BaseException:\n",
        ),
    ),
]
