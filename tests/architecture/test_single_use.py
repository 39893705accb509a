"""Private functions that are called once, and small modules that one other imports, only get fewer."""

import tomllib
from collections.abc import Callable

import pytest

from demo.bootstrap import ROOT
from tools.source_figures import (
    Module,
    list_modules,
    list_private_called_once,
    list_small_modules_of_one_importer,
)

LIST = ROOT / "tests" / "architecture" / "single_use.toml"
SLACK = 10
KINDS: dict[str, Callable[[list[Module]], list[str]]] = {
    "private_functions": list_private_called_once,
    "small_modules": list_small_modules_of_one_importer,
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_used_once_only_gets_less(kind: str) -> None:
    given = tomllib.loads(LIST.read_text(encoding="utf-8"))
    limit = given["limits"][kind]
    counted = [name for name in KINDS[kind](list_modules()) if name not in given["reasons"]]
    assert len(counted) <= limit, (
        f"{len(counted)} of at most {limit}: inline or merge, or list it with a reason"
    )
    assert len(counted) > limit - SLACK, f"lower the limit in {LIST.relative_to(ROOT)} to {len(counted)}"


def test_a_reason_is_given_for_what_is_there() -> None:
    reasons = tomllib.loads(LIST.read_text(encoding="utf-8"))["reasons"]
    modules = list_modules()
    assert set(reasons) <= {name for find in KINDS.values() for name in find(modules)}
    assert all(reasons.values())
