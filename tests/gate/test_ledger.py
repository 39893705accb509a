"""The ledger of time names what there is, and the list of files with a budget of their own only gets shorter."""

from pathlib import PurePosixPath

from demo.bootstrap import ROOT
from tests.ledger.record import LEDGER_FILE, read_budgets, read_ledger

MOST_NAMED = 26
"""Lower it with each file that leaves the list."""


def test_every_file_of_the_ledger_exists() -> None:
    gone = [name for name in read_ledger().files if not (ROOT / name).is_file()]
    assert not gone, "Remove from tests/ledger/ledger.toml:\n" + "\n".join(gone)


def test_the_ledger_has_a_line_for_each_file_in_order() -> None:
    assert LEDGER_FILE.read_text() == read_ledger().format()


def test_a_named_budget_is_of_a_test_file_and_gives_its_reason() -> None:
    wrong = [
        name
        for name, (_seconds, reason) in read_budgets().named.items()
        if not ((ROOT / name).is_file() and PurePosixPath(name).name.startswith("test_") and reason)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_list_of_named_budgets_only_gets_shorter() -> None:
    budgets, recorded = read_budgets(), read_ledger().files
    needless = [name for name in budgets.named if recorded.get(name, budgets.file + 1) <= budgets.file]
    assert not needless, "They are within the budget of every file, so remove them:\n" + "\n".join(needless)
    assert len(budgets.named) <= MOST_NAMED
