"""What `manage.py chaos` compares with: each kind of fault, planted behind the portal, is seen."""

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from demo.bank.accounts import GOVERNANCE, REGION
from tests.workers.mesh import Mesh
from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.approved_access import AccessLine, ApprovedAccess

ROLE = "arn:aws:iam::310000000001:role/reader"
GRANT = ApprovedAccess(
    intent=1, presence="present", is_proven=True, evidence=7, failure="", usable=True, is_live=True,
    ends_at=datetime(2027, 1, 1, tzinfo=UTC), account=GOVERNANCE, region=REGION, arn=ROLE, subgranting_account="",
    is_account_grant=False, database="gold", table="lives", row_filter="", metadata_only=False, whole_table=False, columns=["age", "region"], tags={},
)  # fmt: skip
WHOLE = replace(GRANT, intent=2, whole_table=True, columns=[])


def count_lines(*grants: ApprovedAccess) -> Counter[AccessLine]:
    return Counter({one for grant in grants for one in grant.list_lines()})


def build_line(column: str) -> AccessLine:
    return GOVERNANCE, REGION, ROLE, "gold", "lives", column


def read_approvals() -> list[ApprovedAccess]:
    return approved_access.read_approved(os.environ["DATABASE_URL"])


def read_mesh_lines(mesh: Mesh) -> Counter[AccessLine]:
    """In this mesh's database alone, as an account is given things by other tests as well."""
    holders = {*(grant.holder for grant in read_approvals()), *(role.arn for role in mesh.roles.values())}
    found = observed_access.read_lines(
        lambda account, _: mesh.cloud.client("lakeformation", account), [(GOVERNANCE, REGION)], holders
    )
    return Counter({one: count for one, count in found.items() if mesh.database in one[3]})


def compare_mesh(mesh: Mesh) -> tuple[set[str], set[str], set[str]]:
    found = observed_access.compare_access(read_approvals(), read_mesh_lines(mesh))
    lost, extra, twice = ({one[5] for one in some} for some in (found.lost, found.extra, found.duplicate))
    return lost, extra, twice


def test_a_permission_taken_away_behind_the_portal_is_lost_and_its_status_wrong(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(("gender", "region")), "present")
    assert compare_mesh(mesh) == (set(), set(), set())
    before = read_approvals()
    mesh.revoke_outside_portal(("gender",))
    assert compare_mesh(mesh) == ({"gender"}, set(), set())
    assert observed_access.find_contradictions(before, read_mesh_lines(mesh), read_approvals()) == {
        before[0].intent: before[0].evidence
    }


def test_a_permission_slipped_in_is_extra(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(("region",)), "present")
    mesh.grant_outside_portal(("gender",))
    assert compare_mesh(mesh) == (set(), {"gender"}, set())


def test_what_came_back_after_a_revoke_is_extra_and_absent_is_wrong(mesh: Mesh) -> None:
    grant = mesh.grant(("region",))
    mesh.run_until_presence(grant, "present")
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    before = read_approvals()
    assert compare_mesh(mesh) == (set(), set(), set())
    assert observed_access.find_contradictions(before, read_mesh_lines(mesh), read_approvals()) == {}
    mesh.grant_outside_portal(("region",))
    assert compare_mesh(mesh) == (set(), {"region"}, set())
    assert list(observed_access.find_contradictions(before, read_mesh_lines(mesh), read_approvals())) == [
        grant.intent_id
    ]


def test_a_grant_that_nobody_works_on_is_lost_and_stuck(mesh: Mesh) -> None:
    grant = mesh.grant(("region",))
    assert [one.intent for one in approved_access.list_unproven(read_approvals())] == [grant.intent_id]
    assert compare_mesh(mesh)[0] == {"region", ""}
    mesh.run_until_presence(grant, "present")
    assert approved_access.list_unproven(read_approvals()) == []


def test_a_revoked_grant_that_nobody_works_on_is_extra_and_stuck(mesh: Mesh) -> None:
    grant = mesh.grant(("region",))
    mesh.run_until_presence(grant, "present")
    mesh.revoke(grant)
    assert [one.intent for one in approved_access.list_unproven(read_approvals())] == [grant.intent_id]
    assert compare_mesh(mesh)[1] == {"region", ""}


def test_a_whole_table_stands_for_its_columns_but_not_the_other_way_round() -> None:
    assert observed_access.compare_access([GRANT, WHOLE], count_lines(WHOLE)).lost == frozenset()
    assert observed_access.compare_access([GRANT, WHOLE], count_lines(GRANT)).lost == {build_line("*")}
    assert observed_access.compare_access([GRANT], count_lines(WHOLE)).extra == {build_line("*")}
    assert (
        observed_access.compare_access([GRANT, replace(WHOLE, is_live=False)], count_lines(GRANT)).extra
        == frozenset()
    )


def test_what_is_held_twice_is_a_duplicate() -> None:
    twice = count_lines(GRANT) + Counter([build_line("age")])
    assert observed_access.compare_access([GRANT], twice).duplicate == {build_line("age")}


def test_a_column_beside_its_whole_table_is_told_apart() -> None:
    found = observed_access.compare_access([GRANT, WHOLE], count_lines(GRANT, WHOLE))
    assert found.redundant == {build_line("age"), build_line("region")}
    assert (found.lost, found.extra, found.duplicate) == (frozenset(), frozenset(), frozenset())


def test_a_verb_that_nobody_agreed_to_is_extra() -> None:
    rows = [
        {
            "Principal": {"DataLakePrincipalIdentifier": ROLE},
            "Resource": {"Table": {"DatabaseName": "gold", "Name": "lives"}},
            "Permissions": ["SELECT", "INSERT"],
            "PermissionsWithGrantOption": ["SELECT"],
        }
    ]

    class Pages:
        def list_permissions(self, **_asked: str) -> dict[str, Any]:
            return {"PrincipalResourcePermissions": rows}

        def list_data_cells_filter(self, **_asked: str) -> dict[str, Any]:
            return {"DataCellsFilters": []}

    found = observed_access.read_lines(lambda _account, _region: Pages(), [(GOVERNANCE, REGION)], {ROLE})
    extra = observed_access.compare_access([WHOLE], found).extra
    assert {one[5] for one in extra} == {"!INSERT", "+*"}


def test_what_changed_between_two_looks_is_no_contradiction() -> None:
    later = replace(GRANT, evidence=8)
    assert observed_access.find_contradictions([GRANT], Counter(), [GRANT]) == {1: 7}
    assert observed_access.find_contradictions([GRANT], Counter(), [later]) == {}
    assert observed_access.find_contradictions([], Counter(), [GRANT]) == {}


def test_absent_is_not_wrong_where_another_grant_may_still_hold_the_column() -> None:
    gone = replace(GRANT, is_live=False, presence="absent")
    other = replace(GRANT, intent=3, columns=["age"])
    has = count_lines(other)
    assert observed_access.find_contradictions([gone, other], has, [gone, other]) == {}
    assert observed_access.find_contradictions([gone], has, [gone]) == {1: 7}


def test_a_changed_filter_is_lost_and_extra_and_present_is_wrong(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(("region",), rows="gender = 'F'"), "present")
    assert compare_mesh(mesh) == (set(), set(), set())
    before, (name,) = read_approvals(), mesh.list_filters()
    place = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    wide = {"Name": name, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["region"]}
    mesh.governance_client().update_data_cells_filter(TableData={**place, **wide})
    lost, extra, _ = compare_mesh(mesh)
    assert (lost, extra) == ({"cells region where gender = 'F'"}, {"cells region where all"})
    assert list(observed_access.find_contradictions(before, read_mesh_lines(mesh), read_approvals())) == [
        before[0].intent
    ]


def test_a_filter_that_outlives_its_grants_is_left_over(mesh: Mesh) -> None:
    grant = mesh.grant(("region",), rows="gender = 'F'")
    mesh.run_until_presence(grant, "present")
    every = observed_access.list_filters(mesh.governance_client())
    filters = {key: line for key, line in every.items() if key[0] == mesh.database}
    assert observed_access.find_leftover_filters(read_approvals(), filters) == set()
    mesh.revoke(grant)
    (name,) = mesh.list_filters()
    assert observed_access.find_leftover_filters(read_approvals(), filters) == {
        f"{mesh.database} {mesh.table.name} {name}"
    }


def test_metadata_are_lost_without_describe_but_not_beside_a_select() -> None:
    sees = replace(GRANT, intent=5, metadata_only=True, columns=[])
    database = Counter(one for one in sees.list_lines() if not one[4])
    assert observed_access.compare_access([sees], database).lost == {build_line("?")}
    assert observed_access.find_contradictions([sees], database, [sees]) == {5: 7}
    both = count_lines(GRANT)
    assert observed_access.compare_access([sees, GRANT], both).lost == frozenset()
    assert observed_access.find_contradictions([sees, GRANT], both, [sees, GRANT]) == {}
    assert observed_access.compare_access([sees, GRANT], both + Counter([build_line("?")])).extra == {
        build_line("?")
    }


def test_absent_metadata_are_not_wrong_beside_others_for_which_a_select_is_on_its_way() -> None:
    sees = replace(GRANT, intent=5, metadata_only=True, columns=[])
    gone = replace(sees, intent=6, is_live=False, presence="absent")
    coming = replace(GRANT, presence="unseen", is_proven=False)
    every, has = [sees, gone, coming], count_lines(sees)
    assert observed_access.find_contradictions(every, has, every) == {}
    assert observed_access.find_contradictions([gone, coming], has, [gone, coming]) == {6: 7}
