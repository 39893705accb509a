"""Each item has one target, of the kind that its columns say, and texts and names come from it."""

import pytest

from lakeformation.access.base import ACCESS_KINDS, ManyTablesAccess
from portal.request_form.many_tables_views import ManyTablesInput
from portal.request_form.target_input import TargetInput
from portal.request_form.views import TARGET_INPUTS
from requests_app.access_requests.item_targets import (
    TARGET_KINDS,
    ItemTarget,
    build_filter,
    build_sql,
    get_access_kind,
    get_extent,
    get_extent_fields,
    get_target_kind,
    list_single_table_conditions,
)
from requests_app.access_requests.models import RequestItem
from requests_app.policy_engine.parsing import ALLOWED_WORDS
from requests_app.targets.databases import WholeDatabase
from requests_app.targets.lf_tags import TaggedTables
from requests_app.targets.many_tables import ManyTables
from requests_app.targets.single_tables import TableColumns, TableMetadata, WholeTable
from tests.bank import Bank, submit_bank_item
from tests.requests_app.database_request import submit_for_bank_database

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
    single = [kind.is_single_table for kind in TARGET_KINDS]
    assert single == sorted(single)
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


@pytest.mark.parametrize("kind", TARGET_KINDS)
def test_every_kind_answers_all_questions(kind: type[ItemTarget]) -> None:
    assert not getattr(kind, "__abstractmethods__", None)
    assert kind.fact in ALLOWED_WORDS["extent"]
    assert kind.api_kind in ACCESS_KINDS
    assert get_input_kind(kind).members
    if kind.is_single_table:
        assert kind.choice_label
        assert kind.inbox_filters
        return
    assert issubclass(kind, ManyTables)
    assert kind.column is not None
    assert get_access_kind(ACCESS_KINDS[kind.api_kind]) is kind
    assert issubclass(ACCESS_KINDS[kind.api_kind], ManyTablesAccess)
    assert isinstance(get_input_kind(kind), ManyTablesInput)


def get_input_kind(kind: type[ItemTarget]) -> TargetInput:
    (found,) = [one for one in TARGET_INPUTS if one.kind == kind.api_kind]
    return found


def test_filters_of_columns_are_alike_in_django_and_in_sql(bank: Bank) -> None:
    single = submit_bank_item(bank)
    many = submit_for_bank_database(bank, idempotency_key="whole").items.get()
    conditions = list_single_table_conditions()
    assert list(RequestItem.objects.filter(build_filter(conditions))) == [single]
    sql = f"SELECT i.id FROM requests_requestitem i WHERE NOT ({build_sql(conditions, 'i')})"
    assert [row.pk for row in RequestItem.objects.raw(sql)] == [many.pk]


def test_an_unknown_word_requests_nothing() -> None:
    assert get_extent_fields("all", ("amount",)) == {
        "columns": (),
        "whole_table": False,
        "metadata_only": False,
    }
