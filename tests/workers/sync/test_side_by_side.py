"""Workers are threads of one process: two catalogs are read at once, and what they set for all of it ends with both."""

import gc
import sys
from contextlib import ExitStack

from workers.sync import SOON, set_for_pages


def test_two_readings_that_overlap_leave_the_interpreter_as_it_was() -> None:
    before = gc.get_threshold(), sys.getswitchinterval()
    with ExitStack() as second, set_for_pages():
        second.enter_context(set_for_pages())
        assert sys.getswitchinterval() == SOON
    assert (gc.get_threshold(), sys.getswitchinterval()) == before
