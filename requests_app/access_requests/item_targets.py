"""What an item requests, as an object of its kind: `item.target`. The kinds register themselves from `requests_app.targets`."""

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Protocol, TypeVar

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from catalog.mirror.models import Table
from fulfilment.preview import Preview
from identity.people.models import Person
from kernel.queries import QueryCache
from lakeformation.access.access import Access
from requests_app.policy_engine.parsing import EXTENT_WORDS

Text = str | Promise


class HasExtent(Protocol):
    """An item, saved or not, or one of a basket, or its terms; what only items have is no part of the others."""

    @property
    def columns(self) -> Collection[str]: ...

    @property
    def whole_table(self) -> bool: ...

    @property
    def metadata_only(self) -> bool: ...

    @property
    def row_filter(self) -> str: ...


@dataclass(frozen=True)
class ExtentTexts:
    """The extent in words. Each is empty where the columns are named instead: `short` in the cell of a list, `waiting` in the
    inbox, `full` where the request is read, `readable` beside the queries that a grant allows, `amount` in "requested … of a
    table", `granted` in a stage, `compared` in a line of a change, `approval` on the button of who decides.
    """

    short: Text = ""
    waiting: Text = ""
    full: Text = ""
    readable: Text = ""
    amount: Text = ""
    granted: Text = ""
    compared: Text = ""
    approval: Text = ""


Condition = tuple[str, bool | str | dict[str, Any]]
"""A column of an item, and the value that it has."""


@dataclass(frozen=True)
class InboxFilter:
    """What the inbox is narrowed to by a word: `label` is shown, `condition` is on items."""

    label: Text
    condition: Q


class ItemTarget(ABC):
    """What is requested, of one kind. `row` is what says so: only that of an item is one whose access can be computed."""

    fact: ClassVar[str]
    """The word of the policies for the extent, of forms too for a kind of one table."""
    choice_label: ClassVar[Text] = ""
    """In the form, of a kind of one table."""
    inbox_filters: ClassVar[Mapping[str, InboxFilter]] = {}
    """By the word in the address. Items of many tables count as the whole of their tables, and need none."""
    api_kind: ClassVar[str] = "table"
    column: ClassVar[Condition | None] = None
    """Of a kind of many tables, the column that names it, and the value that the column has in items of other kinds."""
    tables_path: ClassVar[str] = ""
    """From the table of an item to all tables that it includes for certain, or empty if only its access says them."""
    wanted_sql: ClassVar[str] = ""
    """In SQL, whether the table `wanted` (id, database_id) is one that an item of the table `example` includes; empty if only
    its access says that.
    """
    texts: ClassVar[ExtentTexts] = ExtentTexts()
    whole_only_message: ClassVar[Text] = ""
    """Why an approval can only shorten it, or empty."""
    is_single_table: ClassVar[bool] = True
    has_future_columns: ClassVar[bool] = True
    """Whether columns that its tables get later are part of it."""
    shows_data: ClassVar[bool] = True
    flags: ClassVar[Mapping[str, bool]] = {}
    """Columns of an item that are true for this kind."""
    names_database: ClassVar[bool] = True
    """Whether what it reaches is all in the database of its table."""
    counts_columns: ClassVar[bool] = False
    """Whether the number of its columns says how much it is."""

    def __init__(self, row: Any) -> None:
        self.row = row

    @classmethod
    @abstractmethod
    def is_of(cls, row: HasExtent) -> bool:
        """Whether the row is of this kind. The first that agrees is taken, in the order of registration."""

    @classmethod
    def build_tables_filter(cls, tables: Collection[int], path: str) -> Q | None:  # noqa: ARG003
        """Items, or at the `path` to their item grants, that include these tables by what their columns say; None if
        that is said by the access alone.
        """
        return None

    @classmethod
    def build_reach_filter(cls, table: Table) -> Q | None:  # noqa: ARG003
        """Grants of many tables that include the table, or included it when they were approved."""
        return None

    @classmethod
    def get_place(cls, table: Table) -> Hashable | None:  # noqa: ARG003
        """What all tables that an item of this kind includes have in common with its table, such as their database; None if
        its access says which they are, or there is only one.
        """
        return None

    @property
    def place(self) -> Hashable | None:
        """As `get_place` of its own table."""
        return self.get_place(self.row.table)

    @classmethod
    def build_use_filter(cls) -> Q | None:
        """Uses (`catalog.usage.models.LastUse`) of a grant that is the outer row of the query, besides those of its table."""
        return None

    @classmethod  # noqa: B027
    def check_request(cls, requested_item: HasExtent, table: Table) -> None:
        """RefusedError if a requested item of one table requests what the table can't give."""

    @property
    def extent_fact(self) -> str:
        """The policies' word for the extent."""
        return self.fact

    @property
    def table_fact(self) -> str:
        """How much of each table it is, as forms say it."""
        return self.fact if self.is_single_table else "whole"

    @property
    def has_column_choice(self) -> bool:
        """Whether columns and rows can be chosen, left out or listed."""
        return self.is_single_table and self.shows_data

    def includes_column(self, name: str) -> bool:  # noqa: ARG002
        """Whether the column, if it is one of the table, is part of it."""
        return self.shows_data

    @classmethod
    @abstractmethod
    def format_name(cls, database: str, table: str, item: Any) -> str:
        """What is requested, in words. `item` is known by its `list_kind_fields` alone."""

    @abstractmethod
    def describe_submission(self, words: Mapping[str, str]) -> str:
        """`words` are the `name` of who requested, `what` amount of a table, and the `table`, or what there is instead."""

    @abstractmethod
    def build_access(self, readings: QueryCache | None = None) -> Access:
        """What the item's grant would want."""

    @abstractmethod
    def preview(self, readings: QueryCache | None = None) -> Preview:
        """The effects of agreeing to the item, with the state of AWS for its calls. Several may share `readings`."""

    def find_hidden_obstacle(self, viewer: Person) -> str:  # noqa: ARG002
        """A refusal that rests on tables which the viewer does not see, or empty."""
        return ""

    def check_grantable(self) -> None:  # noqa: B027
        """RefusedError if the catalog can no longer give it."""

    @abstractmethod
    def filter_tables(self, tables: QuerySet[Table], access: Access) -> QuerySet[Table]:
        """Selects the tables that a grant of it with this access covers."""

    @abstractmethod
    def covers_table(self, table: Table, access: Access) -> bool:
        """Whether a grant of it with this access covers the table."""


TARGET_KINDS: list[type[ItemTarget]] = []
Kind = TypeVar("Kind", bound=type[ItemTarget])
Row = TypeVar("Row")


def register_target(kind: Kind) -> Kind:
    """A class decorator. Kinds of many tables come first, by their words, then those of one as they are registered; policies
    know the word of each.
    """
    TARGET_KINDS.append(kind)
    TARGET_KINDS.sort(key=lambda one: (one.is_single_table, "" if one.is_single_table else one.fact))
    EXTENT_WORDS.add(kind.fact)
    return kind


def get_access_kind(access: Access | type[Access]) -> type[ItemTarget]:
    """The kind of target that has access of this kind."""
    return next(kind for kind in TARGET_KINDS if kind.api_kind == access.kind)


def list_api_kinds() -> list[str]:
    """The words of the API, that of tables first."""
    kinds = sorted(TARGET_KINDS, key=lambda one: not one.is_single_table)
    return list(dict.fromkeys(kind.api_kind for kind in kinds))


def list_inbox_filters() -> dict[str, InboxFilter]:
    """By word, of all kinds."""
    return {word: one for kind in TARGET_KINDS for word, one in kind.inbox_filters.items()}


def find_by_place(rows: Mapping[Hashable, Row], table: Table) -> Row | None:
    """Of rows by the place of their target, the one whose target includes the table."""
    places = (kind.get_place(table) for kind in TARGET_KINDS)
    return next((rows[place] for place in places if place is not None and place in rows), None)


def list_kind_fields() -> list[str]:
    """Columns of an item that say of which kind it is."""
    named = [kind.column[0] for kind in TARGET_KINDS if kind.column]
    return [*named, *(flag for kind in TARGET_KINDS for flag in kind.flags)]


def list_single_table_conditions() -> list[Condition]:
    """That an item names its table, and nothing beside it."""
    return [kind.column for kind in TARGET_KINDS if kind.column]


def list_data_conditions() -> list[Condition]:
    """That an item is not of the metadata alone."""
    return [(flag, False) for kind in TARGET_KINDS if not kind.shows_data for flag in kind.flags]


def build_filter(conditions: Iterable[Condition], path: str = "") -> Q:
    """Builds a filter of items, or of rows with an item at `path`."""
    return Q(*((f"{path}{column}", value) for column, value in conditions))


def build_sql(conditions: Iterable[Condition], alias: str) -> str:
    """The same in SQL, of items under this alias. The values are of this code."""
    words = ((column, value if isinstance(value, str) else json.dumps(value)) for column, value in conditions)
    return " AND ".join(f"{alias}.{column} = '{word}'" for column, word in words)


def build_same_target_filter(row: Any, path: str = "") -> Q:
    """Rows that name the same target as the item `row`, as far as columns say that."""
    return build_filter(
        [(column, getattr(row, column)) for column, _ in list_single_table_conditions()], path
    )


EXTENT_FIELDS = ("columns", "whole_table", "row_filter", "metadata_only")
"""What of one table is requested, under the same names in an item, checked or not, in a basket and in terms."""


def get_extent(row: HasExtent) -> dict[str, Any]:
    """By the names of `EXTENT_FIELDS`."""
    return {**{name: getattr(row, name) for name in EXTENT_FIELDS}, "columns": tuple(row.columns)}


def get_target_kind(row: HasExtent) -> type[ItemTarget]:
    return next(kind for kind in TARGET_KINDS if kind.is_of(row))


def get_target(row: HasExtent) -> ItemTarget:
    return get_target_kind(row)(row)


def get_extent_fields(fact: str, columns: Collection[str]) -> dict[str, Any]:
    """Returns the fields of an item of one table, by the `table_fact` of its kind; `columns` count where they are chosen one by
    one. An unknown word says nothing.
    """
    flags = next((one.flags for one in TARGET_KINDS if one.is_single_table and one.fact == fact), None)
    chosen = {name: bool(flags and flags.get(name)) for name in ("whole_table", "metadata_only")}
    return {"columns": tuple(columns) if flags == {} else (), **chosen}


def filter_items_of_tables(tables: Collection[int], path: str = "") -> Q:
    """Items, or at the `path` to their item grants, that include one of these tables by what their columns say."""
    filters = (kind.build_tables_filter(tables, path) for kind in TARGET_KINDS)
    return reduce(or_, (one for one in filters if one is not None))
