"""A worker looks for garbage seldom, and leaves the interpreter as it was."""

import gc

from workers.gc_tuning import COLLECTION_THRESHOLD, reduced_collection


def test_what_is_loaded_is_not_looked_through_inside_the_block_alone() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with reduced_collection():
        assert gc.get_threshold() == (COLLECTION_THRESHOLD, *before[1:])
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == before
    gc.freeze()
