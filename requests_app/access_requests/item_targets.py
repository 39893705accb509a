"""What an item requests, as an object of its kind: `item.target`. The kinds register themselves from `requests_app.targets`."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
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
    """The extent in words. Each is empty where the columns are named instead: `short` in the cell of a list, `full` where the
    request is read, `readable` beside the queries that a grant allows, `amount` in "requested … of a table", `granted` in a
    stage, `compared` in a line of a change, `approval` on the button of who decides.
    """

    short: Text = ""
    full: Text = ""
    readable: Text = ""
    amount: Text = ""
    granted: Text = ""
    compared: Text = ""
    approval: Text = ""


class ItemTarget(ABC):
    """What is requested, of one kind. `row` is what says so: only that of an item is one whose access can be computed."""

    fact: ClassVar[str]
    api_kind: ClassVar[str] = "table"
    texts: ClassVar[ExtentTexts] = ExtentTexts()
    whole_only_message: ClassVar[Text] = ""
    """Why an approval can only shorten it, or empty."""
    is_single_table: ClassVar[bool] = True
    is_database: ClassVar[bool] = False
    """Whether every table of the example's database is part of it, whatever is in there."""
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
    def format_name(cls, database: str, table: str, tags: dict[str, list[str]]) -> str:
        """What is requested, in words."""

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
        """Those that a grant of it with this access covers."""

    @abstractmethod
    def covers_table(self, table: Table, access: Access) -> bool:
        """Whether a grant of it with this access covers the table."""


TARGET_KINDS: list[type[ItemTarget]] = []
Kind = TypeVar("Kind", bound=type[ItemTarget])


def register_target(kind: Kind) -> Kind:
    """A class decorator. Kinds of many tables come before those of one."""
    TARGET_KINDS.append(kind)
    TARGET_KINDS.sort(key=lambda one: one.is_single_table)
    return kind


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
    """Of an item of one table, by the `table_fact` of its kind; `columns` count where they are chosen one by one. An unknown
    word says nothing.
    """
    flags = next((one.flags for one in TARGET_KINDS if one.is_single_table and one.fact == fact), None)
    chosen = {name: bool(flags and flags.get(name)) for name in ("whole_table", "metadata_only")}
    return {"columns": tuple(columns) if flags == {} else (), **chosen}


def filter_items_of_tables(tables: Collection[int], path: str = "") -> Q:
    """Items, or at the `path` to their item grants, that include one of these tables by what their columns say."""
    filters = (kind.build_tables_filter(tables, path) for kind in TARGET_KINDS)
    return reduce(or_, (one for one in filters if one is not None))
