"""Each advisory lock has a number of its own: two with one number would wait for each other."""

import re
from collections import Counter

from demo.bootstrap import ROOT
from tests.architecture.source import list_files

NUMBERED = re.compile(r"^(\w+_LOCK) = ([\d_]+)$", re.MULTILINE)


def test_no_two_locks_have_the_same_number() -> None:
    locks = [
        (int(number), f"{file.relative_to(ROOT)}: {name}")
        for file in list_files()
        for name, number in NUMBERED.findall(file.read_text(encoding="utf-8"))
    ]
    taken = Counter(number for number, _ in locks)
    assert len(locks) > 5
    assert [where for number, where in sorted(locks) if taken[number] > 1] == []
