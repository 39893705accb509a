"""What chaos takes for agreed to of LF-Tags, of envelopes and of what is passed on, and how it finds that in AWS."""

from collections.abc import Mapping
from dataclasses import replace

from demo.bank.accounts import BI, GOVERNANCE
from tests.tools.chaos.compare.test_observed import GRANT, ROLE, agreed, differences, held, held_by
from tests.workers.engine.test_subgrants import classify, give, group_of, settle
from tests.workers.mesh import Mesh
from tests.workers.tags import carry, grant_by_tags
from tests.workers.whole import grant_database
from tools.chaos.compare import approved, observed
from tools.chaos.compare.access_line import Holding
from tools.chaos.compare.approved import Agreed, Reach, reach_of

ENVELOPE = replace(GRANT, intent=11, arn=BI, is_envelope=True)
PASSED = replace(GRANT, intent=12, through=BI, columns=["age"])
TAGS = {"tier": ["gold", "silver"], "domain": ["life"]}
TAGGED = replace(GRANT, intent=13, tags=TAGS, reach=Reach([("gold", "lives", "age")], ["gold"]))


def of(grant: Agreed) -> set[tuple[str, str, str]]:
    """Database, table and column of all that it stands for."""
    return {one[3:] for one in grant.holdings()}


def test_an_envelope_may_be_passed_on_and_its_account_reads_nothing() -> None:
    plain = {("gold", "", ""), ("gold", "lives", "age"), ("gold", "lives", "region")}
    option = {("gold", "", "+"), ("gold", "lives", "+age"), ("gold", "lives", "+region")}
    assert (of(ENVELOPE), ENVELOPE.reads()) == (plain | option, [])
    wide = replace(ENVELOPE, whole_table=True)
    assert observed.compare([ENVELOPE, wide], held_by(ENVELOPE)).lost == {
        (*ENVELOPE.place, "gold", "lives", "*"),
        (*ENVELOPE.place, "gold", "lives", "+*"),
    }


def test_what_is_passed_on_is_another_holding_than_what_is_granted_directly() -> None:
    assert {one[2] for one in PASSED.holdings()} == {f"{ROLE} by {BI}"}
    assert PASSED.reads() == [GRANT.reads()[0]]
    assert observed.compare([GRANT], held_by(GRANT, PASSED)).extra == set(PASSED.holdings())


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
    assert reach_of(TAGS, tables) == Reach(columns, ["by_column", "by_table"])


def test_an_expression_is_held_in_two_halves_beside_the_databases_that_it_does_not_reach() -> None:
    words = "LF-Tags domain=life tier=gold|silver"
    halves = {(words, "", half) for half in ("DATABASE DESCRIBE", "TABLE SELECT", "TABLE DESCRIBE")}
    assert of(TAGGED) == halves | {("gold", "", "")}
    assert TAGGED.reads() == [(*GRANT.place, "gold", "lives", "age")]


def test_a_whole_database_is_a_holding_of_its_own_and_found_in_aws(mesh: Mesh) -> None:
    whole = replace(GRANT, table="*", whole_table=True, columns=[])
    assert of(whole) == {("gold", "", ""), ("gold", "*", "*")}
    mesh.work_until(grant_database(mesh), "present")
    assert differences(mesh) == (set(), set(), set())


def test_tags_and_what_is_passed_on_are_found_in_aws_and_what_lacks_is_seen(mesh: Mesh) -> None:
    carry(mesh)
    classify(mesh, policy_id="public", gender="private")
    tagged, envelope = grant_by_tags(mesh), mesh.envelope(("policy_id", "gender"))
    for grant in (tagged, envelope):
        mesh.work_until(grant, "present")
    group = group_of(mesh, "Analysts", mesh.roles[BI].arn)
    give(mesh, group, envelope, "public")
    assert settle(group) == ["present"]
    assert differences(mesh) == (set(), set(), set())
    _plant(mesh)
    assert lost_and_extra(mesh) == (
        {("by BI", "policy_id"), ("direct", "TABLE SELECT")},
        {("account", "gender"), ("account", "+gender")},
    )


def _plant(mesh: Mesh) -> None:
    """Somebody takes away what BI passed on, and what stands by LF-Tags; and the owner agreed to less."""
    role = {"DataLakePrincipalIdentifier": mesh.roles[BI].arn}
    table = {"CatalogId": GOVERNANCE, "DatabaseName": mesh.database, "Name": mesh.table.name}
    mesh.cloud.client("lakeformation", BI).revoke_permissions(
        Principal=role,
        Resource={"TableWithColumns": {**table, "ColumnNames": ["policy_id"]}},
        Permissions=["SELECT"],
    )
    expression = [{"TagKey": mesh.database, "TagValues": ["gold"]}]
    mesh.governance().revoke_permissions(
        Principal=role,
        Resource={"LFTagPolicy": {"ResourceType": "TABLE", "Expression": expression}},
        Permissions=["SELECT"],
    )


def lost_and_extra(mesh: Mesh) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Whose, and which column or half; the envelope taken for one without `gender`."""
    who = {f"{mesh.roles[BI].arn} by {BI}": "by BI", mesh.roles[BI].arn: "direct", BI: "account"}
    every = [replace(one, columns=["policy_id"]) if one.is_envelope else one for one in agreed()]
    found = observed.compare(every, held(mesh))

    def said(some: frozenset[Holding]) -> set[tuple[str, str]]:
        return {(who[one[2]], one[5]) for one in some}

    return said(found.lost), said(found.extra)


def test_an_end_of_the_envelope_is_the_end_of_what_was_passed_on() -> None:
    assert approved.stuck([replace(PASSED, is_live=False)]) == [replace(PASSED, is_live=False)]
    gone = replace(PASSED, is_live=False, presence="absent")
    assert observed.contradicted([gone], held_by(PASSED), [gone]) == {12: 7}
