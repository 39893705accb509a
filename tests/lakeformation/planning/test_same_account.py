"""A principal of the owner's own account: no share, no link; in hybrid access mode an opt-in."""

from dataclasses import replace

from lakeformation.values.column_sets import ALL_COLUMNS
from tests.lakeformation.simulated_catalog import (
    GOVERNANCE,
    NOW,
    PARTIES,
    SimulatedCatalog,
    build_access,
    build_wish,
)

ROLE = "arn:aws:iam::111111111111:role/actuary"
OWN = build_access(
    "id", parties=replace(PARTIES, principal_arn=ROLE, consumer_catalog=GOVERNANCE), in_hybrid_mode=True
)


def build_world() -> SimulatedCatalog:
    return SimulatedCatalog(
        principals={ROLE: "AROA1"}, accepted=frozenset(), hybrid=frozenset({"arn:aws:s3:::gold"})
    )


def test_it_takes_grants_and_an_opt_in_and_nothing_else() -> None:
    here = build_world()
    first = here.plan([build_wish(1, OWN)])
    assert [step.operation for step in first.steps] == ["BatchGrantPermissions", "CreateLakeFormationOptIn"]
    here.converge([build_wish(1, OWN)])
    assert (here.opt_ins, here.links) == ({OWN.opt_in}, set())


def test_the_opt_in_goes_with_the_last_grant_that_needs_it() -> None:
    here, first, second = (
        build_world(),
        build_wish(1, OWN),
        build_wish(2, replace(OWN, row_filter="id = 'x'")),
    )
    here.converge([first, second])
    here.converge([replace(first, ended_at=NOW), second])
    assert here.opt_ins == {OWN.opt_in}
    here.converge([replace(first, ended_at=NOW), replace(second, ended_at=NOW)])
    assert (here.opt_ins, here.held) == (set(), {})


def test_an_opt_in_on_which_somebody_elses_grant_relies_stays() -> None:
    here, grant = build_world(), build_wish(1, OWN)
    here.converge([grant])
    insert = replace(OWN.table_permission[0], verb="INSERT")
    here.held[insert] = ALL_COLUMNS
    here.converge([replace(grant, ended_at=NOW)])
    assert (here.opt_ins, set(here.held)) == ({OWN.opt_in}, {insert})


def test_an_opt_in_taken_away_is_made_again() -> None:
    here, grant = build_world(), build_wish(1, OWN)
    here.converge([grant])
    here.opt_ins.clear()
    here.converge([grant])
    assert here.opt_ins == {OWN.opt_in}
