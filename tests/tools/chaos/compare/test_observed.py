"""What `manage.py chaos` compares with: each kind of fault, planted behind the portal, is seen."""

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from demo.bank.accounts import GOVERNANCE, REGION
from tests.workers.mesh import Mesh
from tools.chaos.compare import approved, observed
from tools.chaos.compare.access_line import Holding
from tools.chaos.compare.approved import Agreed

ROLE = "arn:aws:iam::310000000001:role/reader"
GRANT = Agreed(
    intent=1, presence="present", is_proven=True, evidence=7, failure="", is_live=True,
    ends_at=datetime(2027, 1, 1, tzinfo=UTC), account=GOVERNANCE, region=REGION, arn=ROLE, through="",
    is_envelope=False, database="gold", table="lives", row_rule="", metadata_only=False, whole_table=False, columns=["age", "region"], tags={},
)  # fmt: skip
WHOLE = replace(GRANT, intent=2, whole_table=True, columns=[])


def held_by(*grants: Agreed) -> Counter[Holding]:
    return Counter({one for grant in grants for one in grant.holdings()})


def on_column(column: str) -> Holding:
    return GOVERNANCE, REGION, ROLE, "gold", "lives", column


def agreed() -> list[Agreed]:
    return approved.read_agreed(os.environ["DATABASE_URL"])


def held(mesh: Mesh) -> Counter[Holding]:
    """In this mesh's database alone, as an account is given things by other tests as well."""
    holders = {*(grant.holder for grant in agreed()), *(role.arn for role in mesh.roles.values())}
    found = observed.read_held(
        lambda account, _: mesh.cloud.client("lakeformation", account), [(GOVERNANCE, REGION)], holders
    )
    return Counter({one: count for one, count in found.items() if mesh.database in one[3]})


def differences(mesh: Mesh) -> tuple[set[str], set[str], set[str]]:
    found = observed.compare(agreed(), held(mesh))
    lost, extra, twice = ({one[5] for one in some} for some in (found.lost, found.extra, found.duplicate))
    return lost, extra, twice


def test_a_permission_taken_away_behind_the_portal_is_lost_and_its_status_wrong(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(("gender", "region")), "present")
    assert differences(mesh) == (set(), set(), set())
    before = agreed()
    mesh.take_away(("gender",))
    assert differences(mesh) == ({"gender"}, set(), set())
    assert observed.contradicted(before, held(mesh), agreed()) == {before[0].intent: before[0].evidence}


def test_a_permission_slipped_in_is_extra(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(("region",)), "present")
    mesh.slip_in(("gender",))
    assert differences(mesh) == (set(), {"gender"}, set())


def test_what_came_back_after_a_revoke_is_extra_and_absent_is_wrong(mesh: Mesh) -> None:
    grant = mesh.grant(("region",))
    mesh.work_until(grant, "present")
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    before = agreed()
    assert differences(mesh) == (set(), set(), set())
    assert observed.contradicted(before, held(mesh), agreed()) == {}
    mesh.slip_in(("region",))
    assert differences(mesh) == (set(), {"region"}, set())
    assert list(observed.contradicted(before, held(mesh), agreed())) == [grant.intent_id]


def test_a_grant_that_nobody_works_on_is_lost_and_stuck(mesh: Mesh) -> None:
    grant = mesh.grant(("region",))
    assert [one.intent for one in approved.stuck(agreed())] == [grant.intent_id]
    assert differences(mesh)[0] == {"region", ""}
    mesh.work_until(grant, "present")
    assert approved.stuck(agreed()) == []


def test_a_revoked_grant_that_nobody_works_on_is_extra_and_stuck(mesh: Mesh) -> None:
    grant = mesh.grant(("region",))
    mesh.work_until(grant, "present")
    mesh.revoke(grant)
    assert [one.intent for one in approved.stuck(agreed())] == [grant.intent_id]
    assert differences(mesh)[1] == {"region", ""}


def test_a_whole_table_stands_for_its_columns_but_not_the_other_way_round() -> None:
    assert observed.compare([GRANT, WHOLE], held_by(WHOLE)).lost == frozenset()
    assert observed.compare([GRANT, WHOLE], held_by(GRANT)).lost == {on_column("*")}
    assert observed.compare([GRANT], held_by(WHOLE)).extra == {on_column("*")}
    assert observed.compare([GRANT, replace(WHOLE, is_live=False)], held_by(GRANT)).extra == frozenset()


def test_what_is_held_twice_is_a_duplicate() -> None:
    twice = held_by(GRANT) + Counter([on_column("age")])
    assert observed.compare([GRANT], twice).duplicate == {on_column("age")}


def test_a_column_beside_its_whole_table_is_told_apart() -> None:
    found = observed.compare([GRANT, WHOLE], held_by(GRANT, WHOLE))
    assert found.beside == {on_column("age"), on_column("region")}
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

    found = observed.read_held(lambda _account, _region: Pages(), [(GOVERNANCE, REGION)], {ROLE})
    extra = observed.compare([WHOLE], found).extra
    assert {one[5] for one in extra} == {"!INSERT", "+*"}


def test_what_changed_between_two_looks_is_no_contradiction() -> None:
    later = replace(GRANT, evidence=8)
    assert observed.contradicted([GRANT], Counter(), [GRANT]) == {1: 7}
    assert observed.contradicted([GRANT], Counter(), [later]) == {}
    assert observed.contradicted([], Counter(), [GRANT]) == {}


def test_absent_is_not_wrong_where_another_grant_may_still_hold_the_column() -> None:
    gone = replace(GRANT, is_live=False, presence="absent")
    other = replace(GRANT, intent=3, columns=["age"])
    has = held_by(other)
    assert observed.contradicted([gone, other], has, [gone, other]) == {}
    assert observed.contradicted([gone], has, [gone]) == {1: 7}


def test_a_changed_filter_is_lost_and_extra_and_present_is_wrong(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(("region",), rows="gender = 'F'"), "present")
    assert differences(mesh) == (set(), set(), set())
    before, (name,) = agreed(), mesh.filters()
    place = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    wide = {"Name": name, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["region"]}
    mesh.governance().update_data_cells_filter(TableData={**place, **wide})
    lost, extra, _ = differences(mesh)
    assert (lost, extra) == ({"cells region where gender = 'F'"}, {"cells region where all"})
    assert list(observed.contradicted(before, held(mesh), agreed())) == [before[0].intent]


def test_a_filter_that_outlives_its_grants_is_left_over(mesh: Mesh) -> None:
    grant = mesh.grant(("region",), rows="gender = 'F'")
    mesh.work_until(grant, "present")
    every = observed.filters_of(mesh.governance())
    filters = {key: line for key, line in every.items() if key[0] == mesh.database}
    assert observed.left_over(agreed(), filters) == set()
    mesh.revoke(grant)
    (name,) = mesh.filters()
    assert observed.left_over(agreed(), filters) == {f"{mesh.database} {mesh.table.name} {name}"}


def test_metadata_are_lost_without_describe_but_not_beside_a_select() -> None:
    sees = replace(GRANT, intent=5, metadata_only=True, columns=[])
    database = Counter(one for one in sees.holdings() if not one[4])
    assert observed.compare([sees], database).lost == {on_column("?")}
    assert observed.contradicted([sees], database, [sees]) == {5: 7}
    both = held_by(GRANT)
    assert observed.compare([sees, GRANT], both).lost == frozenset()
    assert observed.contradicted([sees, GRANT], both, [sees, GRANT]) == {}
    assert observed.compare([sees, GRANT], both + Counter([on_column("?")])).extra == {on_column("?")}


def test_absent_metadata_are_not_wrong_beside_others_for_which_a_select_is_on_its_way() -> None:
    sees = replace(GRANT, intent=5, metadata_only=True, columns=[])
    gone = replace(sees, intent=6, is_live=False, presence="absent")
    coming = replace(GRANT, presence="unseen", is_proven=False)
    every, has = [sees, gone, coming], held_by(sees)
    assert observed.contradicted(every, has, every) == {}
    assert observed.contradicted([gone, coming], has, [gone, coming]) == {6: 7}
