"""What a list declares: rows, columns, filters, order, page size and empty states."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import F
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise

from identity.people.models import Person
from portal.api.exports import build_export_url
from portal.api.filters import ListFilters
from portal.api.pagination import Rows

Text = str | Promise
NEWEST = ("-pk",)
MIN_CHOSEN = 4
"""People choose among the columns of tables that have as many."""


@dataclass(frozen=True)
class Column:
    """`cell` draws the value of a row: a partial of the list's own `cells`, or of `components/cells.html`. `value` is a path of
    attributes; without one the value is the row. `sort` is the column of the database by which its head sorts the page.
    """

    label: Text
    cell: str
    value: str = ""
    classes: str = ""
    """Of the head; of the cells, too, unless `cell_classes` says otherwise."""
    cell_classes: str = ""
    is_labelled: bool = True
    """Whether a phone, which shows rows as cards, shows the label beside the value."""
    is_label_hidden: bool = False
    sort: str = ""
    is_needed: bool = False
    """Whether people cannot hide it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "cell_classes", self.cell_classes or self.classes)

    @property
    def name(self) -> str:
        """Unique in its table."""
        return self.value or self.cell.rpartition("#")[2]

    @property
    def is_choosable(self) -> bool:
        return not (self.is_needed or self.is_label_hidden)

    def name_cell(self, cells: str) -> str:
        """The name of the partial, in `cells` unless `cell` names another template."""
        return self.cell if "#" in self.cell else f"{cells}#{self.cell}"

    def get_value(self, row: Any) -> Any:
        for step in self.value.split(".") if self.value else ():
            row = getattr(row, step) if row is not None else None
        return row


@dataclass(frozen=True)
class EmptyState:
    icon: str
    title: Text
    text: Text
    action: Text = ""
    route: str = ""
    """The name of the address that the action leads to."""
    rank: str = "primary"

    @property
    def url(self) -> str:
        return reverse(self.route) if self.route else ""


@dataclass(frozen=True)
class FilterInput:
    """An input of the filter bar. `kind` is `text`, `date` or `select`, whose `options` are values with labels."""

    name: str
    label: Text
    kind: str = "text"
    max_length: int = 200
    placeholder: Text = ""
    dir: str = ""
    options: Callable[[Any], Iterable[tuple[str, Text]]] = lambda _list: ()
    """Of the `ListPage`."""
    any_label: Text = ""
    """Of the option that filters nothing; without one, a select has only its `options`."""

    is_closed: bool = False
    """Whether a value that is no option filters nothing. Otherwise it finds nothing."""

    def list_options(self, opened: "ListPage") -> list[tuple[str, Text]]:
        return [*([("", self.any_label)] if self.any_label else []), *self.options(opened)]


class ColumnTable:
    """Rows drawn as a table. Of a table with several columns, people choose which they see: `portal.lists.table`."""

    route: ClassVar[str] = ""
    """The name of its page's address, under which the choice is remembered."""
    label: ClassVar[Text] = ""
    """The name of the table; without one it has the heading's."""
    cells: ClassVar[str] = ""
    """The template whose partials draw the cells, or, of rows without columns, their partial `row`."""
    columns: ClassVar[Sequence[Column]] = ()
    is_dense: ClassVar[bool] = False
    """Whether a row is one line, under a head that stays in view; a row with the focus shows its texts whole."""

    @classmethod
    def list_choosable_columns(cls) -> list[Column]:
        """The columns that people may hide; none where they are few."""
        columns = [column for column in cls.columns if column.is_choosable]
        return columns if cls.route and len(cls.columns) >= MIN_CHOSEN else []

    def list_shown_columns(self, person: Person) -> list[Column]:
        hidden = set(person.hidden_columns.get(self.route, ())) & {
            column.name for column in self.list_choosable_columns()
        }
        return [column for column in self.columns if column.name not in hidden]


class ListPage(ColumnTable):
    """A list. A subclass declares it; `page.render_list` shows it and `api.list_endpoint` answers it."""

    api_route: ClassVar[str] = ""
    """The name of its address in the API, which gives its files."""
    template: ClassVar[str] = "portal/lists/page.html"
    title: ClassVar[Text]
    lead: ClassVar[Text] = ""
    panel_title: ClassVar[Text] = ""
    """A heading of the panel; without one the panel is named after the page."""
    filters: ClassVar[type[ListFilters]] = ListFilters
    inputs: ClassVar[Sequence[FilterInput]] = ()
    aliases: ClassVar[Mapping[str, str]] = {}
    """Names of filters by further names that the page's address may use."""
    is_strict: ClassVar[bool] = False
    """Whether the page refuses an invalid filter. Otherwise it filters nothing."""
    has_scope: ClassVar[bool] = False
    """Whether auditors may ask for the rows of everyone: `whose`."""
    tab_parameter: ClassVar[str] = ""
    """The name of the page's tab in its address. The API knows no tabs."""
    part: ClassVar[str] = ""
    """The partial of the template that is polled while a row changes; without one the page is not polled."""
    sorts: ClassVar[Mapping[str, str]] = {}
    """Columns of the database by the names of the API's parameter `sort`."""
    order: ClassVar[tuple[str, ...]] = NEWEST
    """Of the API. The page has the order of `list_rows`."""
    page_size: ClassVar[int] = 50
    is_keyed: ClassVar[bool] = False
    """Whether pages begin after the id `before`, so that new rows shift nothing; otherwise they are numbered."""
    invalid_before: ClassVar[Text] = ""
    """What a strict list says of a `before` that is no id."""
    empty: ClassVar[EmptyState]
    empty_filtered: ClassVar[EmptyState | None] = None
    empty_invalid: ClassVar[EmptyState | None] = None

    def __init__(self, person: Person, now: datetime, **ids: Any) -> None:
        """`ids` are those in the address."""
        self.person, self.now, self.ids = person, now, ids
        self.shows_all, self.tab = False, ""
        self.query, self.tabs = QueryDict(), dict[str, Text]()
        self.filtered_rows: Any = ()

    @property
    def row_template(self) -> str:
        return f"{self.cells}#row"

    def list_tabs(self) -> dict[str, Text]:
        """Labels by values of the tab."""
        return {}

    def get_usual_tab(self) -> str:
        """What an address without a tab shows."""
        return next(iter(self.tabs), "")

    def read_tab(self, asked: str) -> str:
        return asked if asked in self.tabs else self.get_usual_tab()

    def list_rows(self) -> Rows:
        """Lists the rows that the person may see. NotFoundError if the list is hidden from them."""
        raise NotImplementedError

    def list_tab_rows(self) -> Rows:
        """Lists the rows of the page's tab."""
        return self.list_rows()

    def sort_rows(self, rows: Any, sort: str) -> Any:
        """Sorts by a column's `sort`, downwards after `-`; any other value keeps the order of `rows`."""
        name = sort.removeprefix("-")
        if name not in {column.sort for column in self.columns if column.sort}:
            return rows
        by = F(name)
        return rows.order_by(by.desc(nulls_last=True) if sort.startswith("-") else by.asc(), "pk")

    def begin_after(self, rows: Any, before: int | None) -> Any:
        """Returns the rows of a keyed list after that of the id, the first ones without it."""
        return rows.filter(pk__lt=before) if before else rows

    def build_rows(self, rows: list[Any]) -> list[Any]:
        """What the cells show of the rows of a page."""
        return rows

    def build_context(self, _rows: list[Any]) -> Mapping[str, Any]:
        """What the template shows besides the built rows."""
        return {}

    def build_api_context(self, _rows: list[Any]) -> Mapping[str, Any]:
        """What the shape of the API needs of the rows of a page."""
        return {}

    def describe_progress(self, _rows: list[Any]) -> tuple[object, bool]:
        """Returns what a polled list shows of its built rows, and whether one of them changes."""
        raise NotImplementedError

    def get_empty_state(self, *, is_filtered: bool, is_valid: bool) -> EmptyState:
        if not is_valid and self.empty_invalid:
            return self.empty_invalid
        return (self.empty_filtered or self.empty) if is_filtered else self.empty

    def build_export_url(self, query: str) -> str:
        """The API's list under the same filters and order, but for its format; empty where the API has none."""
        return build_export_url(self.api_route, query) if self.api_route else ""
