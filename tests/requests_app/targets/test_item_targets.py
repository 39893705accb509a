"""Each item has one target, of the kind that its columns say, and texts and names come from it."""

import pytest

from requests_app.access_requests.item_targets import (
    TARGET_KINDS,
    ItemTarget,
    get_extent,
    get_extent_fields,
    get_target_kind,
)
from requests_app.access_requests.models import RequestItem
from requests_app.targets.databases import WholeDatabase
from requests_app.targets.lf_tags import TaggedTables
from requests_app.targets.single_tables import TableColumns, TableMetadata, WholeTable

ITEMS = (
    ({"columns": ["amount"]}, TableColumns, "columns"),
    ({"columns": ["amount"], "row_filter": "amount > 1"}, TableColumns, "rows"),
    ({"whole_table": True}, WholeTable, "whole"),
    ({"metadata_only": True}, TableMetadata, "metadata"),
    ({"whole_table": True, "whole_database": True}, WholeDatabase, "database"),
    ({"whole_table": True, "tags": {"tier": ["gold"]}}, TaggedTables, "tags"),
)


@pytest.mark.parametrize(("fields", "kind", "fact"), ITEMS)
def test_an_item_is_of_one_kind(fields: dict[str, object], kind: type[ItemTarget], fact: str) -> None:
    item = RequestItem(**fields)
    assert (type(item.target), item.target.extent_fact) == (kind, fact)


def test_many_tables_are_asked_first_and_each_kind_has_its_own_fact() -> None:
    assert [kind.is_single_table for kind in TARGET_KINDS] == [False, False, True, True, True]
    assert len({kind.fact for kind in TARGET_KINDS}) == len(TARGET_KINDS)


def test_only_of_chosen_columns_the_names_are_shown_instead_of_words() -> None:
    words = {kind: [bool(text) for text in vars(kind.texts).values()] for kind in TARGET_KINDS}
    assert {kind for kind, said in words.items() if not all(said)} == {TableColumns}
    assert not any(words[TableColumns])


@pytest.mark.parametrize("kind", [TableColumns, WholeTable, TableMetadata])
def test_a_form_says_the_kind_by_its_fact(kind: type[ItemTarget]) -> None:
    item = RequestItem(**get_extent_fields(kind.fact, ("amount",)))
    assert get_target_kind(item) is kind
    assert get_extent(item)["columns"] == (("amount",) if kind is TableColumns else ())


def test_an_unknown_word_requests_nothing() -> None:
    assert get_extent_fields("all", ("amount",)) == {
        "columns": (),
        "whole_table": False,
        "metadata_only": False,
    }
