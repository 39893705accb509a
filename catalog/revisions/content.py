"""What people write about a data product, checked field by field. Each RefusedError names the form's field."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.products.links import Links, check_links
from catalog.products.models import DataProduct, Domain
from catalog.products.states import SharingTerms
from catalog.revisions.examples import check_examples
from catalog.revisions.may import list_possible_owners
from catalog.revisions.models import ProductRevision
from catalog.revisions.tables import check_tables
from kernel.errors import RefusedError
from kernel.text_checks import check_length, check_storable
from lakeformation.values.canonical_json import digest

MAX_LENGTHS = {
    "name": 160, "summary": 240, "description": 20_000, "refresh": 60, "support": 240, "support_hours": 120, "terms": 10_000,
    "retention": 120, "sql_example": 4000, "python_example": 4000,
}  # fmt: skip
"""Of the texts of a product, by field."""
MAX_HOURS, MAX_PERCENT, PERCENT_DIGITS = 87_600, 100, 3
HOURS = ("freshness_hours", "answer_hours")
PERCENTS = ("completeness_percent", "availability_percent", "quality_percent")
MAX_INPUTS = 100
LIST_FIELDS = ("keywords", "inputs", "tables")
PRODUCT_FIELDS = (*MAX_LENGTHS, *HOURS, *PERCENTS, "links", "passing_on")
"""Members that are fields of the product's row, each as it is."""
MAX_KEYWORDS, MAX_KEYWORD_LENGTH = 20, 60


@dataclass(frozen=True)
class ProductContent:
    """The editable fields of a product. `owner` is a person's id; `support` is where consumers get help; `tables` are ids in the
    order of the product's page, `inputs` those of the products from which it is made. A service level that is None is not promised.
    """

    name: str
    summary: str
    description: str
    keywords: tuple[str, ...]
    refresh: str
    owner: int
    support: str
    support_hours: str
    freshness_hours: int | None
    answer_hours: int | None
    completeness_percent: Decimal | None
    availability_percent: Decimal | None
    quality_percent: Decimal | None
    retention: str
    terms: str
    passing_on: str
    sql_example: str
    python_example: str
    links: Links
    inputs: tuple[int, ...]
    tables: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Percentages as text, such as 99.5."""
        numbers = {field: _format_percent(getattr(self, field)) for field in PERCENTS}
        lists = {field: list(getattr(self, field)) for field in LIST_FIELDS}
        return {**asdict(self), **numbers, **lists}


@dataclass(frozen=True)
class FieldChange:
    """`before` and `after` are as `to_json` has them."""

    field: str
    before: Any
    after: Any


def read_content(product: DataProduct) -> ProductContent:
    """Two queries."""
    own = {field: getattr(product, field) for field in PRODUCT_FIELDS}
    return ProductContent(
        **own,
        keywords=tuple(product.keywords),
        owner=product.owner_id,
        inputs=tuple(product.input_links.order_by("input").values_list("input_id", flat=True)),
        tables=tuple(product.product_tables.order_by("position", "pk").values_list("table_id", flat=True)),
    )


def set_content(product: DataProduct, content: ProductContent) -> None:
    """On the row, which is not saved. Tables and inputs are rows of their own."""
    for field in PRODUCT_FIELDS:
        setattr(product, field, getattr(content, field))
    product.keywords, product.owner_id = list(content.keywords), content.owner


def parse_content(said: Mapping[str, Any], known: ProductContent) -> ProductContent:
    """The content of a draft, as `to_json` has it. What it does not mention stays as in `known`, the product's own."""
    lists = {name: tuple(said[name]) for name in LIST_FIELDS if name in said}
    percents = {name: _parse_percent(said[name]) for name in PERCENTS if name in said}
    return replace(known, **{**said, **lists, **percents})


def _parse_percent(said: Any) -> Decimal | None:
    return None if said is None else Decimal(said)


def _format_percent(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def compute_state_digest(product: DataProduct, draft: ProductRevision | None) -> str:
    """What a form or a preview was made from: the product's own content and its draft. It changes with both."""
    shown = [read_content(product).to_json(), [draft.number, draft.edit] if draft else None]
    return digest(shown)


def compare_content(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Both as JSON; the fields that differ, in the order of the form."""
    return tuple(
        FieldChange(field, before.get(field), value)
        for field, value in after.items()
        if before.get(field) != value
    )


def check_content(content: ProductContent, product: DataProduct) -> ProductContent:
    """The content with its texts stripped and what is listed once each. RefusedError at the first invalid field."""
    texts: dict[str, Any] = check_texts({field: getattr(content, field) for field in MAX_LENGTHS})
    if content.owner != product.owner_id:
        check_owner(content.owner, product.domain)
    for field in HOURS:
        hours = getattr(content, field)
        if hours is not None and not 1 <= hours <= MAX_HOURS:
            level_words = {"most": MAX_HOURS}
            raise RefusedError(_("Enter a number of hours from 1 to %(most)s.") % level_words, field)
    for field in PERCENTS:
        percent = getattr(content, field)
        if percent is not None and not (
            0 < percent <= MAX_PERCENT and round(percent, PERCENT_DIGITS) == percent
        ):
            level_words = {"digits": PERCENT_DIGITS}
            raise RefusedError(
                _("Enter a percentage above 0 and up to 100, with at most %(digits)s decimals.")
                % level_words,
                field,
            )
    if content.passing_on not in SharingTerms.values:
        raise RefusedError(_("Choose from the list."), "passing_on")
    tables = check_tables(content.tables, product)
    check_examples(texts, tables)
    found = tuple(dict.fromkeys(word.strip() for word in content.keywords if word.strip()))
    if len(found) > MAX_KEYWORDS or any(len(word) > MAX_KEYWORD_LENGTH for word in found):
        words = {"most": MAX_KEYWORDS, "length": MAX_KEYWORD_LENGTH}
        raise RefusedError(
            _("Use at most %(most)s keywords of at most %(length)s characters.") % words, "keywords"
        )
    check_storable("".join(found), "keywords")
    return replace(
        content,
        **texts,
        keywords=found,
        links=check_links(content.links),
        inputs=_check_inputs(content.inputs, product),
        tables=tables,
    )


def _check_inputs(inputs: tuple[int, ...], product: DataProduct) -> tuple[int, ...]:
    wanted = tuple(sorted(set(inputs)))
    if product.pk in wanted:
        raise RefusedError(_("A product can't be made from itself."), "inputs")
    if len(wanted) > MAX_INPUTS:
        raise RefusedError(_("Choose at most %(most)s products.") % {"most": MAX_INPUTS}, "inputs")
    if DataProduct.objects.filter(pk__in=wanted).count() != len(wanted):
        raise RefusedError(_("One of these products no longer exists."), "inputs")
    return wanted


def check_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of some fields, stripped. RefusedError at the first invalid one."""
    stripped = {field: text.strip() for field, text in texts.items()}
    for field, text in stripped.items():
        check_length(text, field, MAX_LENGTHS[field])
        check_storable(text, field)
    if not stripped["name"]:
        raise RefusedError(_("Give the product a name."), "name")
    if not stripped["summary"]:
        raise RefusedError(_("Say in one line what the product is for."), "summary")
    return stripped


def check_owner(owner: int, domain: Domain) -> None:
    """RefusedError unless it is the id of somebody whom `list_possible_owners` has."""
    if not list_possible_owners(domain).filter(pk=owner).exists():
        raise RefusedError(_("Choose a data owner of the domain's team."), "owner")
