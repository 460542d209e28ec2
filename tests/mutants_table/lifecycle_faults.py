"""Faults planted in lifecycle."""

from typing import Final

from tests.mutants_table.fault import Mutant, faults_of

LIFECYCLE_FAULTS: Final[list[Mutant]] = [
    *faults_of(
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
    *faults_of(
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
]
