"""What LF-Tags reach beyond what was agreed to: new tables, new columns, a table made anew; and what they no longer do."""

from lakeformation.drift import DifferenceKind, find_narrowed_reach, find_widened_reach
from lakeformation.effects.table_effects import TableColumn
from lakeformation.effects.tag_effects import ReachedTable
from tests.lakeformation.simulated_catalog import build_database_access, build_tag_access, build_wish

WISH = build_wish(1, build_tag_access())


def build_member(*columns: str, table: str = "claims", created: str = "1") -> ReachedTable:
    return ReachedTable("insurance_gold", table, created, tuple(TableColumn(name) for name in columns))


def list_widened_texts(*now: ReachedTable) -> list[str]:
    agreed = [build_member("id", "amount").to_json()]
    found = list(find_widened_reach(WISH, agreed, now))
    assert {one.kind for one in found} <= {DifferenceKind.WIDENED}
    return [one.text for one in found]


def test_what_was_agreed_to_and_less_is_no_widening() -> None:
    assert (
        list_widened_texts(build_member("id", "amount"))
        == list_widened_texts(build_member("id"))
        == list_widened_texts()
        == []
    )


def test_a_column_more_is_told_beside_what_it_was() -> None:
    (text,) = list_widened_texts(build_member("id", "amount", "iban"))
    assert text == "bi can read iban of insurance_gold.claims through tier=gold; approved: 2 columns of it"


def test_another_table_and_one_made_anew_were_not_agreed_to() -> None:
    texts = list_widened_texts(build_member("id", table="policies"), build_member("id", created="2"))
    assert [text.rsplit("; ", 1)[1] for text in texts] == ["approved: nothing of it"] * 2


def list_lost_texts(columns: set[str], *now: ReachedTable) -> list[str]:
    """What is told where the agreed table has these columns still."""
    agreed = [build_member("id", "amount").to_json()]
    found = list(find_narrowed_reach(WISH, agreed, now, {("insurance_gold", "claims", "1"): columns}))
    assert {one.kind for one in found} <= {DifferenceKind.NARROWED}
    return [one.text for one in found]


def test_a_column_that_is_tagged_otherwise_is_told() -> None:
    assert list_lost_texts({"id", "amount"}, build_member("id", "amount")) == []
    told_now = ["bi can no longer read amount of insurance_gold.claims through tier=gold"]
    assert list_lost_texts({"id", "amount"}, build_member("id")) == told_now
    assert list_lost_texts({"id", "amount"}) == [
        "bi can no longer read amount, id of insurance_gold.claims through tier=gold"
    ]


def test_what_was_dropped_is_no_matter_of_tags() -> None:
    assert list_lost_texts({"id"}, build_member("id")) == list_lost_texts(set()) == []


def test_a_whole_database_is_told_by_its_name() -> None:
    (one,) = find_widened_reach(
        build_wish(1, build_database_access()),
        [build_member("id").to_json()],
        [build_member("id"), build_member("id", table="later")],
    )
    assert one.text == (
        "bi can read id of insurance_gold.later through every table of insurance_gold; approved: nothing of it"
    )
