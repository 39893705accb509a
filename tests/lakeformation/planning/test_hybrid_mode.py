"""Opt-ins follow the mode in which the data's location is seen, whatever was known of it when a yes was said."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lakeformation.access.access import Access
from lakeformation.access.base import Adoption
from lakeformation.planning.desired import apply_observed_mode
from lakeformation.values.column_sets import ALL_COLUMNS
from lakeformation.values.permissions import OptIn, Permission
from tests.lakeformation.simulated_catalog import (
    ACCOUNT_PARTIES,
    GOVERNANCE,
    NOW,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_database_access,
    build_tag_access,
    build_wish,
)

OPT_IN = OptIn(GOVERNANCE, ROLE, "insurance_gold", "claims")
HYBRID = frozenset({"arn:aws:s3:::gold"})


def list_opt_ins(here: SimulatedCatalog, **changes: Any) -> list[OptIn | None]:
    found = apply_observed_mode([build_wish(1, build_access("id"), **changes)], here.observe(), now=NOW)
    return [one.access.opt_in for one in found]


def test_what_is_seen_in_hybrid_access_mode_is_opted_in_once_and_proven() -> None:
    here = SimulatedCatalog(hybrid=HYBRID)
    (seen,) = apply_observed_mode([build_wish(1, build_access("id"))], here.observe(), now=NOW)
    here.converge([seen])
    assert here.opt_ins == {OPT_IN}
    assert here.plan([seen]).steps == []


def test_elsewhere_nobody_is_opted_in() -> None:
    assert list_opt_ins(SimulatedCatalog()) == [None]
    assert list_opt_ins(SimulatedCatalog(hybrid=frozenset({"arn:aws:s3:::silver"}), opt_ins={OPT_IN})) == [
        None
    ]


def test_what_ended_is_opted_out_wherever_its_data_lie_by_then() -> None:
    assert list_opt_ins(SimulatedCatalog(opt_ins={OPT_IN}), ended_at=NOW - timedelta(days=1)) == [OPT_IN]


@pytest.mark.parametrize(
    "access",
    [
        build_access(metadata_only=True),
        build_access(adoption=Adoption()),
        build_access(account_grant=7),
        build_access(parties=ACCOUNT_PARTIES),
        build_database_access(),
        build_tag_access(),
    ],
)
def test_what_is_not_one_table_of_one_reader_is_not_opted_in(access: Access) -> None:
    here = SimulatedCatalog(hybrid=HYBRID).observe()
    (found,) = apply_observed_mode([build_wish(1, access)], here, now=NOW)
    assert found.access.opt_in is None


def test_who_may_only_see_the_metadata_any_more_is_opted_out() -> None:
    here = SimulatedCatalog(hybrid=HYBRID)
    reads, sees = build_wish(1, build_access("id")), build_wish(2, build_access(metadata_only=True))
    here.converge(apply_observed_mode([reads, sees], here.observe(), now=NOW))
    ended = replace(reads, ended_at=NOW)
    here.converge(apply_observed_mode([ended, sees], here.observe(), now=NOW))
    assert here.opt_ins == set()


def test_an_opt_in_that_somebody_elses_permission_relies_on_stays() -> None:
    here, wish = SimulatedCatalog(hybrid=HYBRID), build_wish(1, build_access("id"))
    here.converge(apply_observed_mode([wish], here.observe(), now=NOW))
    here.held[Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "INSERT")] = ALL_COLUMNS
    ended = replace(wish, ended_at=NOW)
    here.converge(apply_observed_mode([ended], here.observe(), now=NOW))
    assert here.opt_ins == {OPT_IN}
