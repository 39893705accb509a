"""Opt-ins follow the mode in which the data's location is seen, whatever was known of it when a yes was said."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lakeformation.access.access import Inside
from lakeformation.planning.hybrid_mode import in_observed_mode
from lakeformation.values.permissions import OptIn
from tests.lakeformation.mesh import CONSUMER, GOVERNANCE, NOW, ROLE, World, access, wish

OPT_IN = OptIn(GOVERNANCE, ROLE, "insurance_gold", "claims")
HYBRID = frozenset({"arn:aws:s3:::gold"})


def opt_ins(here: World, **changes: Any) -> list[OptIn | None]:
    found = in_observed_mode([wish(1, access("id"), **changes)], here.observe(), now=NOW)
    return [one.access.opt_in for one in found]


def test_what_is_seen_in_hybrid_access_mode_is_opted_in_once_and_proven() -> None:
    here = World(hybrid=HYBRID)
    (seen,) = in_observed_mode([wish(1, access("id"))], here.observe(), now=NOW)
    here.converge([seen])
    assert here.opt_ins == {OPT_IN}
    assert here.plan([seen]).steps == []


def test_elsewhere_nobody_is_opted_in() -> None:
    assert opt_ins(World()) == [None]
    assert opt_ins(World(hybrid=frozenset({"arn:aws:s3:::silver"}), opt_ins={OPT_IN})) == [None]


def test_what_ended_is_opted_out_wherever_its_data_lie_by_then() -> None:
    assert opt_ins(World(opt_ins={OPT_IN}), ended_at=NOW - timedelta(days=1)) == [OPT_IN]


@pytest.mark.parametrize(
    "changes",
    [
        {"metadata_only": True},
        {"adopted": True},
        {"envelope": 7},
        {"principal_arn": CONSUMER.account, "principal_id": CONSUMER.account},
        {"table": "*", "inside": Inside(("claims",), ("s3://gold/claims/",))},
    ],
)
def test_what_is_not_one_table_of_one_reader_is_not_opted_in(changes: dict[str, Any]) -> None:
    here = World(hybrid=HYBRID).observe()
    (found,) = in_observed_mode([wish(1, access(**changes))], here, now=NOW)
    assert found.access.opt_in is None


def test_who_may_only_see_the_metadata_any_more_is_opted_out() -> None:
    here = World(hybrid=HYBRID)
    reads, sees = wish(1, access("id")), wish(2, access(metadata_only=True))
    here.converge(in_observed_mode([reads, sees], here.observe(), now=NOW))
    ended = replace(reads, ended_at=NOW)
    here.converge(in_observed_mode([ended, sees], here.observe(), now=NOW))
    assert here.opt_ins == set()
