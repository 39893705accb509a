"""What the answer to "why can X see column Y" says, and what it does not pretend to know."""

from dataclasses import replace

from lakeformation.explanation.access_paths import Book, Facts, explain
from lakeformation.explanation.answers import Asked, Source, State, Step, Verdict
from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import OptIn, Permission, Place
from lakeformation.values.tag_expressions import TagExpression, TagPolicy

PLACE = Place("111111111111", "eu-central-1")
ABROAD = "arn:aws:iam::333333333333:role/bi"
AT_HOME = "arn:aws:iam::111111111111:role/etl"
FILTER = CellsFilter(PLACE, "gold", "claims", "german", "region = 'DE'", ColumnSet.include(["amount"]))
READ = Facts(("id", "amount", "region"), own=Book(), delivered=True, creator="", opened_by_policy=False)


def asked(column: str = "amount", principal: str = ABROAD) -> Asked:
    return Asked(principal, PLACE, "gold", "claims", column)


def select(principal: str = ABROAD, verb: str = "SELECT", **fields: str) -> Permission:
    return Permission(PLACE, principal, "gold", fields.pop("table", "claims"), verb, **fields)  # type: ignore[arg-type]


def holding(permission: Permission, columns: ColumnSet = EVERY, **fields: object) -> Facts:
    known = replace(READ, own=Book({permission: columns}, {FILTER.key: FILTER}))
    return replace(known, **fields)  # type: ignore[arg-type]


def tagged(policy: TagPolicy) -> Permission:
    return Permission(PLACE, ABROAD, "", "", "SELECT", policy=policy)


def test_a_role_of_a_datazone_project_is_always_opted_in() -> None:
    known = holding(select(), is_hybrid=True, account_opt_ins=frozenset())
    assert explain(asked(), known).verdict is Verdict.SEES_NOT
    known = replace(known, always_opted_in=frozenset({ABROAD}))
    assert explain(asked(), known).verdict is Verdict.SEES


def test_an_opt_in_under_a_condition_is_neither_a_yes_nor_a_no() -> None:
    opted = OptIn(asked().place, asked().principal, asked().database, asked().table)
    known = holding(select(), is_hybrid=True, account_opt_ins=frozenset())
    found = explain(asked(), replace(known, conditional_opt_ins=frozenset({opted})))
    assert found.verdict is Verdict.UNKNOWN
    assert "under a condition" in " ".join(step.text for way in found.ways for step in way.steps)


def test_a_permission_on_the_column_opens_it_and_is_the_evidence() -> None:
    permission = select()
    found = explain(asked(), holding(permission, ColumnSet.include(["amount", "id"])))
    assert found.verdict is Verdict.SEES
    assert found.ways[0].steps[0].permission == permission
    assert [step.text for step in found.ways[0].steps] == [
        "bi holds SELECT on gold.claims (amount, id)",
        "account 333333333333 sees an active share of the catalog",
    ]


def test_a_permission_on_other_columns_says_what_it_leaves_out() -> None:
    found = explain(asked("region"), holding(select(), ColumnSet.every(but=["region"])))
    assert found.verdict is Verdict.SEES_NOT
    assert found.ways[0].steps[0].text.endswith("(every column but region), and region is not among them")


def test_a_filter_opens_its_columns_in_its_rows() -> None:
    known = holding(select(cells_filter="german"))
    assert explain(asked(), known).rows == ("region = 'DE'",)
    assert explain(asked("id"), known).verdict is Verdict.SEES_NOT
    besides = replace(
        READ, own=Book({select(cells_filter="german"): EVERY, select(): EVERY}, {FILTER.key: FILTER})
    )
    assert explain(asked(), besides).rows == ()


def test_one_open_way_is_enough_though_another_was_not_read() -> None:
    known = holding(select(AT_HOME), creator=None)
    found = explain(asked(principal=AT_HOME), known)
    assert found.verdict is Verdict.SEES
    assert [way.state for way in found.ways] == [State.HOLDS, State.UNKNOWN]


def test_what_was_not_read_is_never_a_no() -> None:
    for unread in (
        replace(READ, own=None),
        holding(select(), delivered=None),
        holding(select("333333333333")),
        holding(select(cells_filter="lost")),
        holding(select(), is_hybrid=True),
        holding(select("IAM_ALLOWED_PRINCIPALS", "ALL"), opened_by_policy=None),
        holding(tagged(TagPolicy("TABLE", TagExpression(()), "named"))),
    ):
        assert explain(asked(), unread).verdict is Verdict.UNKNOWN
    assert explain(asked(principal=AT_HOME), replace(READ, creator=None)).verdict is Verdict.UNKNOWN


def test_what_was_read_and_opens_nothing_is_a_no_that_names_the_broken_step() -> None:
    for broken, text in (
        (holding(select(), delivered=False), "account 333333333333 sees no active share of the catalog"),
        (holding(select("333333333333"), local=Book()), "in account 333333333333 nobody passed it on"),
        (
            holding(select(), is_hybrid=True, account_opt_ins=frozenset()),
            "the data is in hybrid access mode, and it did not opt in, so IAM decides for it",
        ),
    ):
        found = explain(asked(), broken)
        assert found.verdict is Verdict.SEES_NOT
        assert text in [step.text for step in found.ways[0].steps if step.state is State.LACKS]


def test_what_the_account_was_given_needs_a_grant_inside_it() -> None:
    local = Book({select(): ColumnSet.include(["amount"])})
    known = holding(select("333333333333"), local=local)
    assert explain(asked(), known).verdict is Verdict.SEES
    assert explain(asked("id"), known).verdict is Verdict.SEES_NOT


def test_opting_in_to_the_database_and_all_its_tables_counts_for_each() -> None:
    both = frozenset(OptIn(PLACE, AT_HOME, "gold", name) for name in ("", "*"))
    known = holding(select(AT_HOME), is_hybrid=True)
    assert explain(asked(principal=AT_HOME), replace(known, opt_ins=both)).verdict is Verdict.SEES
    one = frozenset(sorted(both)[:1])
    assert explain(asked(principal=AT_HOME), replace(known, opt_ins=one)).verdict is Verdict.SEES_NOT


def test_tags_open_what_has_them_all() -> None:
    known = holding(tagged(TagPolicy("TABLE", TagExpression.of({"tier": ["gold"], "domain": ["*"]}))))
    fits = replace(known, tags={"amount": {"tier": "gold", "domain": "motor"}})
    assert explain(asked(), fits).verdict is Verdict.SEES
    found = explain(asked(), replace(known, tags={"amount": {"tier": "gold"}}))
    assert found.ways[0].steps[0].text == (
        "bi holds SELECT on tables with domain=* AND tier=gold, and amount has tier=gold"
    )


def test_administrators_and_permissions_without_data_are_told_and_decide_nothing() -> None:
    known = holding(select(verb="DESCRIBE"), admins=frozenset({ABROAD}))
    found = explain(asked(), known)
    assert found.verdict is Verdict.SEES_NOT
    assert [note.text for note in found.notes] == [
        "it is a data lake administrator: that alone gives no access, but it can grant itself all of this",
        "it holds DESCRIBE on gold.claims, which shows no data",
    ]


def test_what_a_view_lacks_beneath_it_closes_every_way() -> None:
    lacks = Step(State.LACKS, "the view reads gold.raw as bi, which cannot", Source.MIRROR)
    assert explain(asked(), holding(select(), beneath=(lacks,))).verdict is Verdict.SEES_NOT


def test_a_partition_key_comes_with_any_column_and_a_lost_column_is_nobodys() -> None:
    known = holding(select(), ColumnSet.include(["id"]), keys=("day",))
    assert explain(asked("day"), known).verdict is Verdict.SEES
    assert explain(asked("lost"), known).ways[0].steps[0].text == "the table has no column lost"


def test_a_permission_under_a_condition_is_neither_a_yes_nor_a_no() -> None:
    found = explain(asked(), holding(select(condition="context.department == 'bi'")))
    assert found.verdict is Verdict.UNKNOWN
    assert found.ways[0].steps[1].text.startswith("only where context.department == 'bi'")
