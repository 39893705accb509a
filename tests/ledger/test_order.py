"""Which tests a process gets next."""

import pytest

from tests.ledger import order
from tests.ledger.order import Order, get_group


def make_units(made: Order, nodeids: list[str]) -> dict[str, dict[str, bool]]:
    units: dict[str, dict[str, bool]] = {}
    for nodeid in nodeids:
        units.setdefault(made.get_unit(nodeid), {})[nodeid] = False
    return units


def test_groups_come_first_and_then_the_longest() -> None:
    nodeids = ["a.py::test_1", "b.py::test_1", "b.py::test_2", "c.py::test_1@demo", "d.py::test_1[x@y]"]
    made = Order(nodeids, {"a.py": 1.0, "b.py": 9.0, "c.py": 0.1, "d.py": 3.0})
    assert list(made.sort(make_units(made, nodeids))) == ["@demo", "b.py", "d.py", "a.py"]


def test_tests_of_a_group_stay_together_across_files() -> None:
    nodeids = ["a.py::test_1@demo", "b.py::test_1@demo"]
    made = Order(nodeids, {"a.py": 100.0})
    assert {made.get_unit(nodeid) for nodeid in nodeids} == {"@demo"}


def test_a_long_file_is_shared_unless_its_tests_share_a_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "shares_fixtures", lambda file: file == "below/b.py")
    nodeids = [f"{file}::test_{number}" for file in ("a.py", "b.py") for number in range(4)]
    made = Order(nodeids, {"below/a.py": 40.0, "below/b.py": 40.0}, "below/")
    units = make_units(made, nodeids)
    assert next(iter(made.sort(units))) == "b.py"
    assert sorted(units) == ["a.py::test_0", "a.py::test_1", "a.py::test_2", "a.py::test_3", "b.py"]
    assert made.estimate(["a.py::test_0"]) == 10.0


@pytest.mark.parametrize(
    ("nodeid", "group"), [("a.py::b@demo", "@demo"), ("a.py::b[x@y]", None), ("a.py::b[x@y]@demo", "@demo")]
)
def test_a_group_is_what_xdist_writes_behind_the_id(nodeid: str, group: str | None) -> None:
    assert get_group(nodeid) == group


def test_fixtures_of_a_module_are_found_in_the_sources() -> None:
    assert order.shares_fixtures("tests/portal/mesh/test_join_sql.py")
    assert not order.shares_fixtures("tests/test_database.py")
