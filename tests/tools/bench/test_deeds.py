"""`manage.py bench deeds`: a slice, for what it checks; not for how long things take."""

import pytest

from tests.tools.bench.command import run_bench
from tools.bench.deeds.client import DEEDS


@pytest.mark.all
def test_each_deed_is_done_beside_the_minimal_view() -> None:
    run = run_bench("deeds", "--quick", "--requests", "10")
    run.check()
    for name in DEEDS:
        assert run.figures[name]["value"] > 0
        assert run.figures[name]["ratio_to"].endswith(f"by turns with {name}")
