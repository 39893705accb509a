"""What LF-Tags reach beyond what was agreed to: new tables, new columns, a table made anew; and what they no longer do."""

from lakeformation.access.access import Inside
from lakeformation.drift.differences import Kind
from lakeformation.drift.reach_changes import beyond, short_of
from lakeformation.effects.table_effects import TableColumn
from lakeformation.effects.tag_effects import Member
from lakeformation.values.column_sets import EVERY
from lakeformation.values.tag_expressions import Reach, TagExpression
from tests.lakeformation.mesh import access, wish

GOLD = TagExpression.of({"tier": ["gold"]})
REACH = Reach(GOLD, ("insurance_gold",), (), (("insurance_gold", "claims"),), ())
WISH = wish(1, access(database="", table="", table_created="", columns=EVERY, by_tags=REACH))


def member(*columns: str, table: str = "claims", created: str = "1") -> Member:
    return Member("insurance_gold", table, created, tuple(TableColumn(name) for name in columns))


def told(*now: Member) -> list[str]:
    agreed = [member("id", "amount").to_json()]
    found = list(beyond(WISH, agreed, now))
    assert {one.kind for one in found} <= {Kind.WIDENED}
    return [one.text for one in found]


def test_what_was_agreed_to_and_less_is_no_widening() -> None:
    assert told(member("id", "amount")) == told(member("id")) == told() == []


def test_a_column_more_is_told_beside_what_it_was() -> None:
    (text,) = told(member("id", "amount", "iban"))
    assert text == "bi can read iban of insurance_gold.claims through tier=gold; approved: 2 columns of it"


def test_another_table_and_one_made_anew_were_not_agreed_to() -> None:
    texts = told(member("id", table="policies"), member("id", created="2"))
    assert [text.rsplit("; ", 1)[1] for text in texts] == ["approved: nothing of it"] * 2


def lost(columns: set[str], *now: Member) -> list[str]:
    """What is told where the agreed table has these columns still."""
    agreed = [member("id", "amount").to_json()]
    found = list(short_of(WISH, agreed, now, {("insurance_gold", "claims", "1"): columns}))
    assert {one.kind for one in found} <= {Kind.NARROWED}
    return [one.text for one in found]


def test_a_column_that_is_tagged_otherwise_is_told() -> None:
    assert lost({"id", "amount"}, member("id", "amount")) == []
    told_now = ["bi can no longer read amount of insurance_gold.claims through tier=gold"]
    assert lost({"id", "amount"}, member("id")) == told_now
    assert lost({"id", "amount"}) == [
        "bi can no longer read amount, id of insurance_gold.claims through tier=gold"
    ]


def test_what_was_dropped_is_no_matter_of_tags() -> None:
    assert lost({"id"}, member("id")) == lost(set()) == []


def test_a_whole_database_is_told_by_its_name() -> None:
    whole = access(table="*", columns=EVERY, inside=Inside(("claims",), ()))
    (one,) = beyond(wish(1, whole), [member("id").to_json()], [member("id"), member("id", table="later")])
    assert one.text == (
        "bi can read id of insurance_gold.later through every table of insurance_gold; approved: nothing of it"
    )
