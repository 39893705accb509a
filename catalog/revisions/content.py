"""What people write about a data product, checked field by field. Each RefusedError names the form's field."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from catalog.products.models import DataProduct, Domain
from catalog.revisions.may import list_possible_owners
from catalog.revisions.models import ProductRevision
from catalog.revisions.tables import check_tables
from catalog.text_checks import check_length, check_storable
from identity.errors import RefusedError
from lakeformation.values.canonical_json import digest

MAX_LENGTHS = {"name": 160, "summary": 240, "description": 20_000, "refresh": 60, "support": 240}
"""Of the texts of a product, by field."""
MAX_KEYWORDS, MAX_KEYWORD_LENGTH = 20, 60


@dataclass(frozen=True)
class ProductContent:
    """The editable fields of a product. `owner` is a person's id; `support` is where consumers get help; `tables` are
    ids in the order of the product's page.
    """

    name: str
    summary: str
    description: str
    keywords: tuple[str, ...]
    refresh: str
    support: str
    owner: int
    tables: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "keywords": list(self.keywords), "tables": list(self.tables)}


@dataclass(frozen=True)
class FieldChange:
    """`before` and `after` are as `to_json` has them."""

    field: str
    before: Any
    after: Any


def read_content(product: DataProduct) -> ProductContent:
    return ProductContent(
        name=product.name,
        summary=product.summary,
        description=product.description,
        keywords=tuple(product.keywords),
        refresh=product.refresh,
        support=product.support,
        owner=product.owner_id,
        tables=tuple(product.product_tables.order_by("position", "pk").values_list("table_id", flat=True)),
    )


def parse_content(said: Mapping[str, Any], known: ProductContent) -> ProductContent:
    """The content of a draft, as `to_json` has it. What it does not mention stays as in `known`, the product's own."""
    lists = {name: tuple(said[name]) for name in ("keywords", "tables") if name in said}
    return replace(known, **{**said, **lists})


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
    """The content with its texts stripped and its keywords once each. RefusedError at the first invalid field."""
    texts = check_texts({field: getattr(content, field) for field in MAX_LENGTHS})
    if content.owner != product.owner_id:
        check_owner(content.owner, product.domain)
    return ProductContent(
        **texts,
        keywords=_check_keywords(content.keywords),
        owner=content.owner,
        tables=check_tables(content.tables, product),
    )


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


def _check_keywords(keywords: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(word.strip() for word in keywords if word.strip()))
    if len(found) > MAX_KEYWORDS or any(len(word) > MAX_KEYWORD_LENGTH for word in found):
        words = {"most": MAX_KEYWORDS, "length": MAX_KEYWORD_LENGTH}
        raise RefusedError(
            _("Use at most %(most)s keywords of at most %(length)s characters.") % words, "keywords"
        )
    check_storable("".join(found), "keywords")
    return found
