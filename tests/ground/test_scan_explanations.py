"""What `make scan` lets pass: what is explained, as often as the explanation says."""

from benchmarks.scan.findings import Explanation, Finding, judge_findings, read_explanations

ONE = Explanation("bandit", "B1*", ("accounts/*.py",), "a reason", count=1)
HERE = Finding("bandit", "B105", "accounts/acts.py", 3, "said")


def test_one_more_than_explained_fails_and_so_does_one_less() -> None:
    assert judge_findings([HERE], [ONE], {"bandit"}).clean
    second = Finding("bandit", "B105", "accounts/acts.py", 9, "said")
    assert not judge_findings([HERE, second], [ONE], {"bandit"}).clean
    assert not judge_findings([], [ONE], {"bandit"}).clean
    assert judge_findings([], [ONE], {"semgrep"}).clean, "the scanner did not run"


def test_an_explanation_covers_its_scanner_rule_and_places_only() -> None:
    others = [
        Finding("semgrep", "B105", "accounts/acts.py"),
        Finding("bandit", "B608", "accounts/acts.py"),
        Finding("bandit", "B105", "lifecycle/acts.py"),
    ]
    judged = judge_findings([HERE, *others], [ONE], {"bandit"})
    assert judged.unexplained == sorted(others)


def test_each_entry_of_the_file_gives_a_reason() -> None:
    assert all(len(one.reason) > 8 and one.places for one in read_explanations())
