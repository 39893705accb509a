"""The fields that people fill in for a data product, one row each.

From a row come the draft's content and its checks, the editor's form, the API's members, labels of changes, members of product
files, what publication rules can require, what the search reads, and facts on the page. A column of `DataProduct` has the same name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.products.models import SharingTerms

Text = str | Promise
MAX_HOURS, MAX_PERCENT, PERCENT_DIGITS = 87_600, 100, 3
MAX_KEYWORDS, MAX_KEYWORD_LENGTH = 20, 60


class FieldKind(StrEnum):
    LINE = "line"
    TEXT = "text"
    CODE = "code"
    HOURS = "hours"
    PERCENT = "percent"
    SHARING_TERMS = "sharing_terms"
    KEYWORDS = "keywords"
    LINKS = "links"
    PERSON = "person"
    PRODUCTS = "products"
    TABLES = "tables"


TEXT_KINDS = (FieldKind.LINE, FieldKind.TEXT, FieldKind.CODE)
EMPTY_VALUES: Mapping[FieldKind, Any] = {
    **dict.fromkeys(TEXT_KINDS, ""),
    FieldKind.HOURS: None,
    FieldKind.PERCENT: None,
    FieldKind.SHARING_TERMS: SharingTerms.SAME_TERMS.value,
    FieldKind.KEYWORDS: (),
    FieldKind.LINKS: {},
    FieldKind.PRODUCTS: (),
    FieldKind.TABLES: (),
}
"""What a new product has. A person must be named."""
LIST_KINDS = (FieldKind.KEYWORDS, FieldKind.PRODUCTS, FieldKind.TABLES)
REFERENCE_KINDS = (FieldKind.PERSON, FieldKind.PRODUCTS, FieldKind.TABLES)
"""Of fields that lead to other rows; everything else is a value of the product's own row."""


class Section(StrEnum):
    """A part of the editor. Fields without one have a control of their own there."""

    ABOUT = "about"
    DATA_LEVELS = "data_levels"
    SUPPORT_LEVELS = "support_levels"
    USE = "use"
    TERMS = "terms"


@dataclass(frozen=True)
class ServiceLevel:
    """`standard_name` is ODCS's, `position` its place in a file."""

    position: int
    standard_name: str


@dataclass(frozen=True)
class ProductField:
    """`change_label` is for lists of changes and `level_label` for the page, where they differ from `label`. `hint` is the
    editor's, `help` the API's. In files that follow a standard, a value is at `member`, in the custom property `custom_property`, or a
    service level. `required` is the error if a field that must be there is empty.
    """

    name: str
    kind: FieldKind
    label: Text
    hint: Text = ""
    change_label: Text = ""
    level_label: Text = ""
    help: str = ""
    required: Text = ""
    max_length: int = 0
    rows: int = 4
    section: Section | None = None
    member: tuple[str, ...] = ()
    custom_property: str = ""
    level: ServiceLevel | None = None
    is_requirable: bool = False
    is_searched: bool = False
    is_part_of_completeness: bool = False
    is_fact: bool = False
    is_declared: bool = False

    @property
    def empty(self) -> Any:
        return EMPTY_VALUES[self.kind]


PRODUCT_FIELDS = (
    ProductField(
        "name", FieldKind.LINE, _("Name"),
        required=_("Give the product a name."), max_length=160, section=Section.ABOUT, member=("name",), is_declared=True,
    ),
    ProductField(
        "summary", FieldKind.LINE, _("Summary"), _("one line: what it is for"),
        required=_("Say in one line what the product is for."), max_length=240, section=Section.ABOUT, custom_property="Summary",
        is_searched=True, is_part_of_completeness=True, is_declared=True,
    ),
    ProductField(
        "description", FieldKind.TEXT, _("Description"), _("optional; Markdown"),
        help="Markdown", max_length=20_000, rows=10, section=Section.ABOUT, member=("description", "purpose"),
        is_searched=True, is_part_of_completeness=True, is_declared=True,
    ),
    ProductField(
        "keywords", FieldKind.KEYWORDS, _("Keywords"), _("optional; with commas between them"),
        section=Section.ABOUT, is_requirable=True, is_part_of_completeness=True, is_declared=True,
    ),
    ProductField(
        "refresh", FieldKind.LINE, _("Updated"), _("optional; for example each working day"),
        max_length=60, section=Section.ABOUT, level=ServiceLevel(2, "frequency"), is_part_of_completeness=True, is_fact=True,
        is_declared=True,
    ),
    ProductField("owner", FieldKind.PERSON, _("Owner")),
    ProductField(
        "support", FieldKind.LINE, _("Support"), _("optional; where consumers get help, such as a mailbox or a channel"),
        help="where consumers get help", max_length=240, section=Section.ABOUT, is_requirable=True,
    ),
    ProductField(
        "support_hours", FieldKind.LINE, _("Support hours"), _("for example weekdays 9:00–17:00"),
        max_length=120, section=Section.SUPPORT_LEVELS, level=ServiceLevel(7, "supportHours"), is_requirable=True,
    ),
    ProductField(
        "answer_hours", FieldKind.HOURS, _("Answer time"), _("hours until a problem is answered"),
        change_label=_("Answer time in hours"), help="problems are answered within this time",
        section=Section.SUPPORT_LEVELS, level=ServiceLevel(8, "answerTime"), is_requirable=True,
    ),
    ProductField(
        "freshness_hours", FieldKind.HOURS, _("Maximum age of the data"), _("hours"),
        change_label=_("Maximum age in hours"), level_label=_("Freshness"), help="the data is at most this old",
        section=Section.DATA_LEVELS, level=ServiceLevel(1, "latency"), is_requirable=True,
    ),
    ProductField(
        "completeness_percent", FieldKind.PERCENT, _("Completeness"), _("percent of the expected rows"),
        change_label=_("Completeness in percent"), help="of the expected rows",
        section=Section.DATA_LEVELS, level=ServiceLevel(3, "completeness"), is_requirable=True,
    ),
    ProductField(
        "availability_percent", FieldKind.PERCENT, _("Availability"), _("percent of the time"),
        change_label=_("Availability in percent"), help="of the time",
        section=Section.DATA_LEVELS, level=ServiceLevel(4, "availability"), is_requirable=True,
    ),
    ProductField(
        "quality_percent", FieldKind.PERCENT, _("Quality"), _("percent of the evaluated rules"),
        change_label=_("Quality in percent"), help="of the evaluated quality rules, passed",
        section=Section.DATA_LEVELS, level=ServiceLevel(5, "qualityScore"), is_requirable=True,
    ),
    ProductField(
        "retention", FieldKind.LINE, _("Retention"), _("how long the data is kept"),
        help="how long the data is kept", max_length=120, section=Section.SUPPORT_LEVELS,
        level=ServiceLevel(6, "retention"), is_requirable=True,
    ),
    ProductField(
        "terms", FieldKind.TEXT, _("Terms of use"), _("optional; Markdown"),
        help="what consumers agree to; Markdown", max_length=10_000, section=Section.TERMS,
        member=("description", "limitations"), is_requirable=True,
    ),
    ProductField(
        "passing_on", FieldKind.SHARING_TERMS, _("Data products made from it may be passed on"),
        _("For other teams that make a data product of their own from yours. Your terms of use are shown on its page."),
        change_label=_("Passing on"), help="whether data products made from it may be passed on",
        section=Section.TERMS, custom_property="PassingOn",
    ),
    ProductField(
        "sql_example", FieldKind.CODE, _("Example in SQL"), _("optional; one query for Athena on the tables above"),
        max_length=4000, section=Section.USE, custom_property="SqlExample", is_requirable=True,
    ),
    ProductField(
        "python_example", FieldKind.CODE, _("Example in Python"), _("optional; queries in it are checked as well"),
        max_length=4000, section=Section.USE, custom_property="PythonExample", is_requirable=True,
    ),
    ProductField("links", FieldKind.LINKS, _("Links")),
    ProductField("inputs", FieldKind.PRODUCTS, _("Made from")),
    ProductField("tables", FieldKind.TABLES, _("Tables")),
)  # fmt: skip
"""In the order of the API's members and of lists of changes."""
BY_NAME = {one.name: one for one in PRODUCT_FIELDS}
VALUE_FIELDS = tuple(one for one in PRODUCT_FIELDS if one.kind not in REFERENCE_KINDS)
TEXT_FIELDS = tuple(one for one in PRODUCT_FIELDS if one.kind in TEXT_KINDS)
SEARCHED_FIELDS = tuple(one for one in PRODUCT_FIELDS if one.is_searched)
SERVICE_LEVELS = tuple(
    one for _position, one in sorted((one.level.position, one) for one in PRODUCT_FIELDS if one.level)
)
MAX_LENGTHS = {one.name: one.max_length for one in TEXT_FIELDS}


def list_section(*sections: Section) -> list[ProductField]:
    return [one for section in sections for one in PRODUCT_FIELDS if one.section == section]
