"""The columns that a page shows of a wide table: those that a filter finds, in pages, with the ticks of all others kept."""

import base64
import binascii
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from catalog.mirror.models import Classification, Column, ColumnFacts, Table
from kernel.queries import MAX_LENGTH
from portal.pages.pagination import Pager, build_offset_pager

PAGE_SIZE = 200
"""Columns that a page shows at once."""
FIRST_COLUMNS = 50
"""Columns of a longer list that is not in pages."""
MAX_SOUGHT_LENGTH = 255
MAX_KEPT_BYTES = 4_000_000
SOUGHT, PAGE, ACTION, UNSHOWN, SHOWN_SOUGHT = (
    "columns_q",
    "columns_page",
    "columns_do",
    "columns_unshown",
    "columns_shown_q",
)
"""Names of the fields: what is sought, the number of the page, what a button of a picker does, the ticked columns that the picker
does not show, and what was sought when it was rendered.
"""
Row = TypeVar("Row")


@dataclass(frozen=True)
class ColumnQuery:
    sought: str = ""
    page: int = 1

    @classmethod
    def parse(cls, said: QueryDict) -> "ColumnQuery":
        """The first page if the number is none."""
        number = said.get(PAGE, "")
        is_number = number.isascii() and number.isdigit() and len(number) < len("10000000")
        sought = said.get(SOUGHT, "").replace("\0", "").strip()[:MAX_SOUGHT_LENGTH]
        return cls(sought, max(int(number), 1) if is_number else 1)

    def limit(self, matching: int, size: int) -> "ColumnQuery":
        """The last page if there are fewer."""
        return ColumnQuery(self.sought, min(self.page, max(1, -(-matching // size))))

    def get_slice(self, size: int) -> slice:
        return slice((self.page - 1) * size, self.page * size)


EVERYTHING = ColumnQuery()


@dataclass(frozen=True)
class ColumnPage(Generic[Row]):
    """`rows` are shown, of the `matching` ones that the filter finds among `total`."""

    rows: Sequence[Row]
    total: int
    matching: int
    query: ColumnQuery
    size: int

    @property
    def is_wide(self) -> bool:
        """Whether the page shows only some of the columns, so that it needs a filter and pages."""
        return self.total > self.size

    @property
    def pager(self) -> Pager:
        """Its URLs have the query string alone."""
        sought = QueryDict(mutable=True)
        if self.query.sought:
            sought[SOUGHT] = self.query.sought
        start = self.query.get_slice(self.size).start
        return build_offset_pager(start, self.size, self.matching, sought.urlencode(), parameter=PAGE)


def build_column_page(
    rows: Sequence[Row], query: ColumnQuery, get_name: Callable[[Row], str], *, size: int = PAGE_SIZE
) -> ColumnPage[Row]:
    """The last page if there are fewer. The filter finds parts of names, in any case."""
    sought = query.sought.lower()
    found = [row for row in rows if sought in get_name(row).lower()] if sought else rows
    shown = query.limit(len(found), size)
    return ColumnPage(found[shown.get_slice(size)], len(rows), len(found), shown, size)


def read_column_page(
    table: Table, total: int, query: ColumnQuery, read: Callable[[QuerySet[Column]], Sequence[Row]]
) -> ColumnPage[Row]:
    """The same of the table's `total` columns; `read` reads no others. With a filter, one query more."""
    rows = Column.objects.filter(table=table).order_by("position", "pk")
    if query.sought:
        rows = rows.filter(name__icontains=query.sought)
    matching = rows.count() if query.sought else total
    shown = query.limit(matching, PAGE_SIZE)
    return ColumnPage(read(rows[shown.get_slice(PAGE_SIZE)]), total, matching, shown, PAGE_SIZE)


@dataclass(frozen=True)
class ColumnChoice:
    """A column that can be ticked. `holders`: names of the person's roles that can read the column now. `comment` is read for the
    columns that the page shows.
    """

    column: ColumnFacts
    is_selected: bool
    holders: tuple[str, ...] = ()
    is_available: bool = True
    comment: str = ""


@dataclass(frozen=True)
class ColumnPicker:
    """A page of columns to tick. `unshown` encodes the ticked columns that the page does not show."""

    page: ColumnPage[ColumnChoice]
    selected_count: int
    unshown: str
    unshown_count: int
    has_unshown_sensitive: bool
    has_sensitive: bool

    @property
    def rest(self) -> int:
        """How many columns the page does not show."""
        return self.page.total - len(self.page.rows)


def build_column_picker(table: Table, choices: Sequence[ColumnChoice], said: QueryDict) -> ColumnPicker:
    """`said` is the form, or the query string of its first page. Only a button of the picker turns its pages. One query."""
    page = build_column_page(choices, _parse_picker_query(said), lambda choice: choice.column.name)
    page = replace(page, rows=_add_comments(table, page.rows))
    shown = {choice.column.name for choice in page.rows}
    picked = [choice for choice in choices if choice.is_selected]
    unshown = [choice.column for choice in picked if choice.column.name not in shown]
    return ColumnPicker(
        page=page,
        selected_count=len(picked),
        unshown=encode_names([column.name for column in unshown]),
        unshown_count=len(unshown),
        has_unshown_sensitive=any(one.classification == Classification.SENSITIVE for one in unshown),
        has_sensitive=any(
            one.is_available and one.column.classification == Classification.SENSITIVE for one in choices
        ),
    )


def _add_comments(table: Table, choices: Sequence[ColumnChoice]) -> list[ColumnChoice]:
    names = [choice.column.name for choice in choices]
    rows = Column.objects.filter(table=table, name__in=names).order_by()
    comments = dict(rows.values_list("name", Left("comment", MAX_LENGTH)))
    return [replace(choice, comment=comments.get(choice.column.name, "")) for choice in choices]


def is_picker_action(request: HttpRequest) -> bool:
    """Whether the form was sent to turn a page, to filter, or to tick many columns: nothing else is done with it."""
    said = request.POST
    return ACTION in said or (SHOWN_SOUGHT in said and said.get(SOUGHT, "") != said[SHOWN_SOUGHT])


def parse_picked_columns(
    said: QueryDict, columns: Iterable[ColumnFacts] = (), *, unavailable: Collection[str] = ()
) -> list[str]:
    """Names of the ticked columns, shown or not, in the order of `columns`; with a button that ticks many, those of `columns` that it ticks. BadRequest."""
    known = list(columns)
    open_ones = [column for column in known if column.name not in unavailable]
    public, sensitive = Classification.PUBLIC, Classification.SENSITIVE
    many: dict[str, Callable[[ColumnFacts], bool]] = {
        "all": lambda _column: True,
        "usual": lambda column: column.classification != sensitive,
        "public": lambda column: column.classification == public,
        "none": lambda _column: False,
    }
    if (ticks := many.get(said.get(ACTION, ""))) is not None:
        return [column.name for column in open_ones if ticks(column)]
    picked = dict.fromkeys([*said.getlist("columns"), *_decode_names(said.get(UNSHOWN, ""))])
    positions = {column.name: position for position, column in enumerate(known)}
    return sorted(picked, key=lambda name: positions.get(name, len(known)))


def merge_unshown_columns(said: QueryDict, columns: Iterable[ColumnFacts] = ()) -> QueryDict:
    """The form with all of its ticks in `columns`. BadRequest."""
    if UNSHOWN not in said and ACTION not in said:
        return said
    merged = said.copy()
    merged.setlist("columns", parse_picked_columns(said, columns))
    return merged


def _parse_picker_query(said: QueryDict) -> ColumnQuery:
    query = ColumnQuery.parse(said)
    action = said.get(ACTION, "")
    if action.startswith("page-"):
        turned = QueryDict(mutable=True)
        turned.update({SOUGHT: query.sought, PAGE: action.removeprefix("page-")})
        return ColumnQuery.parse(turned)
    is_filtered = SHOWN_SOUGHT in said and query.sought != said[SHOWN_SOUGHT]
    return ColumnQuery(query.sought) if is_filtered else query


def encode_names(names: Iterable[str]) -> str:
    """The value of the field `UNSHOWN`."""
    text = "\n".join(names)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode() if text else ""


def _decode_names(said: str) -> list[str]:
    if not said:
        return []
    try:
        reader = zlib.decompressobj()
        text = reader.decompress(
            base64.b64decode(said.encode(), altchars=b"-_", validate=True), MAX_KEPT_BYTES
        ).decode()
    except (ValueError, zlib.error, binascii.Error) as error:
        raise BadRequest(
            _("The columns of the form can't be read. Reload the page, then choose them again.")
        ) from error
    return text.replace("\0", "").split("\n") if text else []
