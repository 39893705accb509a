"""Which tests a process of the run gets next: the longest first, so that all processes end together."""

from collections import Counter, OrderedDict
from functools import cache
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.ledger.record import ROOT, read_ledger

SPLIT_SECONDS = 20.0
"""A file that takes longer is shared by the processes, unless its tests share what is dear."""
SHARED_SCOPES = ('scope="module"', 'scope="class"', 'scope="package"')
UNKNOWN_SECONDS = 2.0


def get_group(nodeid: str) -> str | None:
    """The `xdist_group` of a test, which xdist writes behind its id: these run in one process, one after the other."""
    at = nodeid.rfind("@")
    return nodeid[at:] if at > nodeid.rfind("]") else None


def get_file(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


@cache
def shares_fixtures(file: str) -> bool:
    """Whether the file, or the conftest.py beside it, makes something once for the whole file."""
    places = (ROOT / file, (ROOT / file).parent / "conftest.py")
    return any(
        scope in place.read_text(encoding="utf-8")
        for place in places
        if place.is_file()
        for scope in SHARED_SCOPES
    )


class Order:
    """The units of work of a run, and how long each takes by the ledger. `prefix` leads to the run's root folder."""

    def __init__(self, nodeids: list[str], seconds: dict[str, float], prefix: str = "") -> None:
        self._counts = Counter(map(get_file, nodeids))
        self._seconds = {file: seconds.get(prefix + file, UNKNOWN_SECONDS) for file in self._counts}
        self._split = {
            file
            for file, expected in self._seconds.items()
            if expected > SPLIT_SECONDS and not shares_fixtures(prefix + file)
        }

    def get_unit(self, nodeid: str) -> str:
        file = get_file(nodeid)
        return get_group(nodeid) or (nodeid if file in self._split else file)

    def estimate(self, nodeids: list[str]) -> float:
        """Processor seconds of these tests; the ledger knows files only."""
        return sum(self._seconds[file] / self._counts[file] for file in map(get_file, nodeids))

    def sort(self, units: dict[str, dict[str, bool]]) -> OrderedDict[str, dict[str, bool]]:
        """Groups first, because they can be shared least and wait most; then the longest."""

        def rank(unit: str) -> tuple[bool, float]:
            return not unit.startswith("@"), -self.estimate(list(units[unit]))

        return OrderedDict((unit, units[unit]) for unit in sorted(units, key=rank))


class LedgerScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """xdist's scheduler of whole files, with units and their order from the ledger."""

    workqueue: OrderedDict[str, dict[str, bool]]

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        self.config.option.loadscopereorder = False
        self._order: Order | None = None
        self._sorted = False
        self._indexes: dict[str, int] = {}

    def _get_order(self) -> Order:
        if self._order is None:
            below = self.config.rootpath.relative_to(ROOT).as_posix()
            prefix = "" if below == "." else f"{below}/"
            self._order = Order(self.collection or [], read_ledger().files, prefix)
        return self._order

    def _split_scope(self, nodeid: str) -> str:
        return self._get_order().get_unit(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if not self._sorted:
            self.workqueue = self._get_order().sort(self.workqueue)
            self._indexes = {nodeid: index for index, nodeid in enumerate(self.collection or [])}
            self._sorted = True
        unit, tests = self.workqueue.popitem(last=False)
        self.assigned_work.setdefault(node, {})[unit] = tests
        node.send_runtest_some([self._indexes[nodeid] for nodeid, done in tests.items() if not done])
