"""What LF-Tags reach beyond what was agreed to: new tables, new columns, a table made anew; less is nothing to tell."""

from lakeformation.columns import EVERY
from lakeformation.differences import Kind
from lakeformation.effects import TableColumn
from lakeformation.reached import beyond
from lakeformation.tag_effects import Member
from lakeformation.tags import Reach, TagExpression
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
    assert text == "bi reaches iban of insurance_gold.claims by tier=gold; agreed to: 2 columns of it"


def test_another_table_and_one_made_anew_were_not_agreed_to() -> None:
    texts = told(member("id", table="policies"), member("id", created="2"))
    assert [text.rsplit("; ", 1)[1] for text in texts] == ["agreed to: nothing of it"] * 2
