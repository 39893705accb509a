"""What the answer to "why can X see column Y" says, and what it does not pretend to know."""

from dataclasses import replace

from lakeformation.explanation.access_paths import AccessFacts, CatalogPermissions, explain_column_access
from lakeformation.explanation.answers import (
    ColumnQuestion,
    ColumnVisibility,
    EvidenceSource,
    Step,
    StepState,
)
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import DataCatalog, OptIn, Permission
from lakeformation.values.row_policies import RowPolicyAttachment
from lakeformation.values.tag_expressions import TagExpression, TagPolicy

PLACE = DataCatalog("111111111111", "eu-central-1")
ABROAD = "arn:aws:iam::333333333333:role/bi"
AT_HOME = "arn:aws:iam::111111111111:role/etl"
FILTER = CellsFilter(PLACE, "gold", "claims", "german", "region = 'DE'", ColumnSet.include(["amount"]))
READ = AccessFacts(
    ("id", "amount", "region"),
    owner_permissions=CatalogPermissions(),
    is_share_delivered=True,
    creator="",
    is_allowed_by_policy=False,
)


def build_question(column: str = "amount", principal: str = ABROAD) -> ColumnQuestion:
    return ColumnQuestion(principal, PLACE, "gold", "claims", column)


def build_select(principal: str = ABROAD, verb: str = "SELECT", **fields: str) -> Permission:
    return Permission(PLACE, principal, "gold", fields.pop("table", "claims"), verb, **fields)  # type: ignore[arg-type]


def build_facts(permission: Permission, columns: ColumnSet = ALL_COLUMNS, **fields: object) -> AccessFacts:
    known = replace(READ, owner_permissions=CatalogPermissions({permission: columns}, {FILTER.key: FILTER}))
    return replace(known, **fields)  # type: ignore[arg-type]


def build_tag_permission(policy: TagPolicy) -> Permission:
    return Permission(PLACE, ABROAD, "", "", "SELECT", policy=policy)


def test_a_role_of_a_datazone_project_is_always_opted_in() -> None:
    known = build_facts(build_select(), is_hybrid=True, account_opt_ins=frozenset())
    assert explain_column_access(build_question(), known).visibility is ColumnVisibility.NOT_VISIBLE
    known = replace(known, always_opted_in=frozenset({ABROAD}))
    assert explain_column_access(build_question(), known).visibility is ColumnVisibility.VISIBLE


def test_an_opt_in_under_a_condition_is_neither_a_yes_nor_a_no() -> None:
    opted = OptIn(
        build_question().catalog,
        build_question().principal,
        build_question().database,
        build_question().table,
    )
    known = build_facts(build_select(), is_hybrid=True, account_opt_ins=frozenset())
    found = explain_column_access(build_question(), replace(known, conditional_opt_ins=frozenset({opted})))
    assert found.visibility is ColumnVisibility.UNKNOWN
    assert "under a condition" in " ".join(step.text for way in found.paths for step in way.steps)


def test_a_permission_on_the_column_opens_it_and_is_the_evidence() -> None:
    permission = build_select()
    found = explain_column_access(
        build_question(), build_facts(permission, ColumnSet.include(["amount", "id"]))
    )
    assert found.visibility is ColumnVisibility.VISIBLE
    assert found.paths[0].steps[0].permission == permission
    assert [step.text for step in found.paths[0].steps] == [
        "bi holds SELECT on gold.claims (amount, id)",
        "account 333333333333 sees the table in an active share of the catalog",
    ]


def test_a_permission_on_other_columns_says_what_it_leaves_out() -> None:
    found = explain_column_access(
        build_question("region"), build_facts(build_select(), ColumnSet.every(exclude=["region"]))
    )
    assert found.visibility is ColumnVisibility.NOT_VISIBLE
    assert found.paths[0].steps[0].text.endswith("(every column but region), and region is not among them")


def test_a_filter_opens_its_columns_in_its_rows() -> None:
    known = build_facts(build_select(cells_filter="german"))
    assert explain_column_access(build_question(), known).rows == ("region = 'DE'",)
    assert explain_column_access(build_question("id"), known).visibility is ColumnVisibility.NOT_VISIBLE
    besides = replace(
        READ,
        owner_permissions=CatalogPermissions(
            {build_select(cells_filter="german"): ALL_COLUMNS, build_select(): ALL_COLUMNS},
            {FILTER.key: FILTER},
        ),
    )
    assert explain_column_access(build_question(), besides).rows == ()


def test_one_open_way_is_enough_though_another_was_not_read() -> None:
    known = build_facts(build_select(AT_HOME), creator=None)
    found = explain_column_access(build_question(principal=AT_HOME), known)
    assert found.visibility is ColumnVisibility.VISIBLE
    assert [way.state for way in found.paths] == [StepState.HOLDS, StepState.UNKNOWN]


def test_what_was_not_read_is_never_a_no() -> None:
    for unread in (
        replace(READ, owner_permissions=None),
        build_facts(build_select(), is_share_delivered=None),
        build_facts(build_select("333333333333")),
        build_facts(build_select(cells_filter="lost")),
        build_facts(build_select(), is_hybrid=True),
        build_facts(build_select("IAM_ALLOWED_PRINCIPALS", "ALL"), is_allowed_by_policy=None),
        build_facts(build_tag_permission(TagPolicy("TABLE", TagExpression(()), "named"))),
    ):
        assert explain_column_access(build_question(), unread).visibility is ColumnVisibility.UNKNOWN
    assert (
        explain_column_access(build_question(principal=AT_HOME), replace(READ, creator=None)).visibility
        is ColumnVisibility.UNKNOWN
    )


def test_what_was_read_and_opens_nothing_is_a_no_that_names_the_broken_step() -> None:
    for broken, text in (
        (
            build_facts(build_select(), is_share_delivered=False),
            "account 333333333333 sees the table in no active share of the catalog",
        ),
        (
            build_facts(build_select("333333333333"), account_permissions=CatalogPermissions()),
            "in account 333333333333 nobody passed it on",
        ),
        (
            build_facts(build_select(), is_hybrid=True, account_opt_ins=frozenset()),
            "the data is in hybrid access mode, and it did not opt in, so IAM decides for it",
        ),
    ):
        found = explain_column_access(build_question(), broken)
        assert found.visibility is ColumnVisibility.NOT_VISIBLE
        assert text in [step.text for step in found.paths[0].steps if step.state is StepState.LACKS]


def test_what_the_account_was_given_needs_a_grant_inside_it() -> None:
    local = CatalogPermissions({build_select(): ColumnSet.include(["amount"])})
    known = build_facts(build_select("333333333333"), account_permissions=local)
    assert explain_column_access(build_question(), known).visibility is ColumnVisibility.VISIBLE
    assert explain_column_access(build_question("id"), known).visibility is ColumnVisibility.NOT_VISIBLE


def test_opting_in_to_the_database_and_all_its_tables_counts_for_each() -> None:
    both = frozenset(OptIn(PLACE, AT_HOME, "gold", name) for name in ("", "*"))
    known = build_facts(build_select(AT_HOME), is_hybrid=True)
    assert (
        explain_column_access(build_question(principal=AT_HOME), replace(known, opt_ins=both)).visibility
        is ColumnVisibility.VISIBLE
    )
    one = frozenset(sorted(both)[:1])
    assert (
        explain_column_access(build_question(principal=AT_HOME), replace(known, opt_ins=one)).visibility
        is ColumnVisibility.NOT_VISIBLE
    )


def test_tags_open_what_has_them_all() -> None:
    known = build_facts(
        build_tag_permission(
            TagPolicy("TABLE", TagExpression.from_values({"tier": ["gold"], "domain": ["*"]}))
        )
    )
    fits = replace(known, tags={"amount": {"tier": "gold", "domain": "motor"}})
    assert explain_column_access(build_question(), fits).visibility is ColumnVisibility.VISIBLE
    found = explain_column_access(build_question(), replace(known, tags={"amount": {"tier": "gold"}}))
    assert found.paths[0].steps[0].text == (
        "bi holds SELECT on tables with domain=* AND tier=gold, and amount has tier=gold"
    )


def test_administrators_and_permissions_without_data_are_told_and_decide_nothing() -> None:
    known = build_facts(build_select(verb="DESCRIBE"), admins=frozenset({ABROAD}))
    found = explain_column_access(build_question(), known)
    assert found.visibility is ColumnVisibility.NOT_VISIBLE
    assert [note.text for note in found.notes] == [
        "it is a data lake administrator: that alone gives no access, but it can grant itself all of this",
        "it holds DESCRIBE on gold.claims, which shows no data",
    ]


def test_what_a_view_lacks_beneath_it_closes_every_way() -> None:
    lacks = Step(StepState.LACKS, "the view reads gold.raw as bi, which cannot", EvidenceSource.MIRROR)
    assert (
        explain_column_access(build_question(), build_facts(build_select(), view_steps=(lacks,))).visibility
        is ColumnVisibility.NOT_VISIBLE
    )


def test_a_partition_key_comes_with_any_column_and_a_lost_column_is_nobodys() -> None:
    known = build_facts(build_select(), ColumnSet.include(["id"]), partition_keys=("day",))
    assert explain_column_access(build_question("day"), known).visibility is ColumnVisibility.VISIBLE
    assert (
        explain_column_access(build_question("lost"), known).paths[0].steps[0].text
        == "the table has no column lost"
    )


def test_a_permission_under_a_condition_is_neither_a_yes_nor_a_no() -> None:
    found = explain_column_access(
        build_question(), build_facts(build_select(condition="context.department == 'bi'"))
    )
    assert found.visibility is ColumnVisibility.UNKNOWN
    assert found.paths[0].steps[1].text.startswith("only where context.department == 'bi'")


ATTACHED = RowPolicyAttachment("eu", "region = 'EU'", ABROAD, "gold", "claims")


def test_beside_a_row_level_security_policy_the_column_is_seen_and_its_rows_are_not_known() -> None:
    known = build_facts(build_select(), row_policies=(ATTACHED,))
    found = explain_column_access(build_question(), known)
    assert found.visibility is ColumnVisibility.VISIBLE
    assert "row-level security policy eu (region = 'EU') for bi" in found.row_doubt
    assert found.row_doubt in [note.text for note in found.notes]
    for_others = replace(known, row_policies=(replace(ATTACHED, principal=AT_HOME),))
    assert explain_column_access(build_question(), for_others).row_doubt == ""


def test_where_row_level_security_policies_were_not_read_rows_are_not_known() -> None:
    known = build_facts(build_select(), row_policies_unread="refused")
    assert explain_column_access(build_question(), known).row_doubt == "refused"


def test_a_row_level_security_policy_alone_is_neither_a_yes_nor_a_no() -> None:
    known = replace(READ, row_policies=(ATTACHED,))
    found = explain_column_access(build_question(), known)
    assert found.visibility is ColumnVisibility.UNKNOWN
    assert "does not document whether that alone shows rows" in found.paths[0].steps[0].text
    by_default = replace(known, row_policies=(replace(ATTACHED, principal="", is_default=True),))
    answer = explain_column_access(build_question(), by_default)
    assert (answer.visibility, answer.row_doubt) == (ColumnVisibility.NOT_VISIBLE, "")


def test_rows_of_a_view_are_not_known_where_those_of_a_table_beneath_are_not() -> None:
    below = Step(StepState.HOLDS, "the view reads gold.base", row_doubt="the view reads gold.base: a policy")
    found = explain_column_access(build_question(), build_facts(build_select(), view_steps=(below,)))
    assert (found.visibility, found.row_doubt) == (ColumnVisibility.VISIBLE, below.row_doubt)
