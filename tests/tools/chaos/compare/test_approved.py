"""What chaos takes as approved of LF-Tags, account grants and subgrants, and how it finds that in AWS."""

from collections.abc import Mapping
from dataclasses import replace

from demo.bank.accounts import BI, GOVERNANCE
from tests.tools.chaos.compare.test_observed import (
    GRANT,
    ROLE,
    compare_mesh,
    count_lines,
    read_approvals,
    read_mesh_lines,
)
from tests.workers.database_grants import grant_database
from tests.workers.engine.test_subgrants import make_local_group, set_classes, settle_group, subgrant
from tests.workers.lf_tag_grants import assign_tags, grant_by_tags
from tests.workers.mesh import Mesh
from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.approved_access import AccessLine, ApprovedAccess, TagReach, compute_reach

ENVELOPE = replace(GRANT, intent=11, arn=BI, is_account_grant=True)
PASSED = replace(GRANT, intent=12, subgranting_account=BI, columns=["age"])
TAGS = {"tier": ["gold", "silver"], "domain": ["life"]}
TAGGED = replace(GRANT, intent=13, tags=TAGS, reach=TagReach([("gold", "lives", "age")], ["gold"]))


def list_parts(grant: ApprovedAccess) -> set[tuple[str, str, str]]:
    """Database, table and column of all that it stands for."""
    return {one[3:] for one in grant.list_lines()}


def test_an_envelope_may_be_passed_on_and_its_account_reads_nothing() -> None:
    plain = {("gold", "", ""), ("gold", "lives", "age"), ("gold", "lives", "region")}
    option = {("gold", "", "+"), ("gold", "lives", "+age"), ("gold", "lives", "+region")}
    assert (list_parts(ENVELOPE), ENVELOPE.list_readable_columns()) == (plain | option, [])
    wide = replace(ENVELOPE, whole_table=True)
    assert observed_access.compare_access([ENVELOPE, wide], count_lines(ENVELOPE)).lost == {
        (*ENVELOPE.location, "gold", "lives", "*"),
        (*ENVELOPE.location, "gold", "lives", "+*"),
    }


def test_what_is_passed_on_is_another_holding_than_what_is_granted_directly() -> None:
    assert {one[2] for one in PASSED.list_lines()} == {f"{ROLE} by {BI}"}
    assert PASSED.list_readable_columns() == [GRANT.list_readable_columns()[0]]
    assert observed_access.compare_access([GRANT], count_lines(GRANT, PASSED)).extra == set(
        PASSED.list_lines()
    )


def test_tags_reach_tables_by_their_own_tags_and_by_those_of_columns() -> None:
    life: Mapping[str, str] = {"domain": "life", "tier": "gold"}
    none: Mapping[str, str] = {}
    tables = [
        ("by_database", life, "a", life, [["x", life], ["y", {**life, "tier": "bronze"}]]),
        ("by_column", none, "b", none, [["x", none], ["z", life]]),
        ("by_table", none, "c", life, []),
        ("other", {"tier": "gold"}, "d", {"tier": "gold"}, [["x", {"tier": "gold"}]]),
        ("empty", life, "", none, []),
    ]
    columns = [("by_column", "b", "z"), ("by_database", "a", "x")]
    assert compute_reach(TAGS, tables) == TagReach(columns, ["by_column", "by_table"])


def test_an_expression_is_held_in_two_halves_beside_the_databases_that_it_does_not_reach() -> None:
    words = "LF-Tags domain=life tier=gold|silver"
    halves = {(words, "", half) for half in ("DATABASE DESCRIBE", "TABLE SELECT", "TABLE DESCRIBE")}
    assert list_parts(TAGGED) == halves | {("gold", "", "")}
    assert TAGGED.list_readable_columns() == [(*GRANT.location, "gold", "lives", "age")]


def test_a_whole_database_is_a_holding_of_its_own_and_found_in_aws(mesh: Mesh) -> None:
    whole = replace(GRANT, table="*", whole_table=True, columns=[])
    assert list_parts(whole) == {("gold", "", ""), ("gold", "*", "*")}
    mesh.run_until_presence(grant_database(mesh), "present")
    assert compare_mesh(mesh) == (set(), set(), set())


def test_tags_and_what_is_passed_on_are_found_in_aws_and_what_lacks_is_seen(mesh: Mesh) -> None:
    assign_tags(mesh)
    set_classes(mesh, policy_id="public", gender="private")
    tagged, account_grant = grant_by_tags(mesh), mesh.grant_to_account(("policy_id", "gender"))
    for grant in (tagged, account_grant):
        mesh.run_until_presence(grant, "present")
    group = make_local_group(mesh, "Analysts", mesh.roles[BI].arn)
    subgrant(mesh, group, account_grant, "public")
    assert settle_group(group) == ["present"]
    assert compare_mesh(mesh) == (set(), set(), set())
    _change_aws(mesh)
    assert find_lost_and_extra(mesh) == (
        {("by BI", "policy_id"), ("direct", "TABLE SELECT")},
        {("account", "gender"), ("account", "+gender")},
    )


def _change_aws(mesh: Mesh) -> None:
    """Somebody takes away what BI passed on, and what stands by LF-Tags; and the owner agreed to less."""
    role = {"DataLakePrincipalIdentifier": mesh.roles[BI].arn}
    table = {"CatalogId": GOVERNANCE, "DatabaseName": mesh.database, "Name": mesh.table.name}
    mesh.cloud.client("lakeformation", BI).revoke_permissions(
        Principal=role,
        Resource={"TableWithColumns": {**table, "ColumnNames": ["policy_id"]}},
        Permissions=["SELECT"],
    )
    expression = [{"TagKey": mesh.database, "TagValues": ["gold"]}]
    mesh.governance_client().revoke_permissions(
        Principal=role,
        Resource={"LFTagPolicy": {"ResourceType": "TABLE", "Expression": expression}},
        Permissions=["SELECT"],
    )


def find_lost_and_extra(mesh: Mesh) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Whose, and which column or half; the account grant taken for one without `gender`."""
    who = {f"{mesh.roles[BI].arn} by {BI}": "by BI", mesh.roles[BI].arn: "direct", BI: "account"}
    every = [replace(one, columns=["policy_id"]) if one.is_account_grant else one for one in read_approvals()]
    found = observed_access.compare_access(every, read_mesh_lines(mesh))

    def said(some: frozenset[AccessLine]) -> set[tuple[str, str]]:
        return {(who[one[2]], one[5]) for one in some}

    return said(found.lost), said(found.extra)


def test_an_end_of_the_envelope_is_the_end_of_what_was_passed_on() -> None:
    assert approved_access.list_unproven([replace(PASSED, is_live=False)]) == [replace(PASSED, is_live=False)]
    gone = replace(PASSED, is_live=False, presence="absent")
    assert observed_access.find_contradictions([gone], count_lines(PASSED), [gone]) == {12: 7}
