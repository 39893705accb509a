"""Made-up rows come from the schema, are the same each time, and hold no value."""

from collections.abc import Callable

from catalog.mirror.models import Column, Table
from requests_app.data_queries.synthetic_rows import build_synthetic_rows
from tests.bank import Bank


def test_the_same_table_gives_the_same_rows(bank: Bank) -> None:
    columns = list(bank.claims.columns.all())
    first = build_synthetic_rows(bank.claims, columns)
    assert first == build_synthetic_rows(Table.objects.get(pk=bank.claims.pk), columns)
    assert len(first) == 5
    assert all(len(row) == len(columns) for row in first)


def test_values_fit_their_types_and_sensitive_ones_say_that_they_are_made_up(bank: Bank) -> None:
    kinds: dict[str, Callable[[str], bool]] = {
        "int": str.isdigit,
        "date": lambda text: text.count("-") == 2,
        "struct<a:int>": lambda text: text == "…",
    }
    for kind, fits in kinds.items():
        (row,) = build_synthetic_rows(bank.claims, [Column(table=bank.claims, name="x", type=kind)], 1)
        assert fits(str(row[0])), kind
    (row,) = build_synthetic_rows(bank.claims, [bank.claims.columns.get(name="iban")], 1)
    assert str(row[0]).startswith("made up")
