"""What a product's people promise and explain, for its page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.freshness import ProductFreshness
from catalog.products.fields import PRODUCT_FIELDS, FieldKind, ProductField, Section, list_section
from catalog.products.links import LinkKind
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, ProductInput
from catalog.search.items import SimilarProduct, find_similar_products
from identity.people.models import Person
from portal.freshness.presenters import MARKS as FRESHNESS_MARKS
from portal.freshness.presenters import describe_promise
from portal.quality.presenters import PromiseCheck, QualityView, describe_kept
from requests_app.display_states.vocabulary import CheckMark


@dataclass(frozen=True)
class ShownLink:
    label: str
    url: str
    host: str


@dataclass(frozen=True)
class ServiceLevel:
    """`text` says what is promised, and of a promise that nothing compares with facts that it is one. `mark` and `word`: whether it
    is kept.
    """

    label: str
    text: str
    mark: CheckMark | None = None
    word: str = ""


@dataclass(frozen=True)
class ProductDetails:
    """`facts` are labels and texts. `inputs` and `outputs` are what the person sees of the products it is made from, and of those that are made from it."""

    facts: list[tuple[str, str]]
    links: list[ShownLink]
    inputs: Sequence[DataProduct]
    outputs: Sequence[DataProduct]


def build_product_details(
    person: Person, product: DataProduct, inputs: Sequence[int] | None = None
) -> ProductDetails:
    """`inputs` are ids that a draft has instead of the product's own. One query."""
    shown = visible_products(person).filter(is_published=True).order_by(Lower("name"), "pk")
    is_input = Q(Exists(ProductInput.objects.filter(product=product, input=OuterRef("pk"))))
    is_output = Exists(ProductInput.objects.filter(input=product, product=OuterRef("pk")))
    linked = list(
        shown.annotate(is_input=is_input if inputs is None else Q(pk__in=inputs), is_output=is_output).filter(
            Q(is_input=True) | Q(is_output=True)
        )
    )
    links = [
        ShownLink(str(LinkKind(kind).label), url, urlsplit(url).hostname or url)
        for kind in LinkKind.values
        for url in product.links.get(kind, ())
    ]
    facts = [(str(field.label), getattr(product, field.name)) for field in PRODUCT_FIELDS if field.is_fact]
    return ProductDetails(
        facts=[(label, text) for label, text in facts if text],
        links=links,
        inputs=[link for link in linked if link.is_input],
        outputs=[link for link in linked if link.is_output],
    )


def list_similar_products(person: Person, product: DataProduct, names: Iterable[str]) -> list[SimilarProduct]:
    """Of the words that they share, only those that people chose as names: of the product, its keywords, and `names`, which are of
    its tables and columns. The words of a description are shared by chance. One query.
    """
    chosen = " ".join([product.name, *product.keywords, *names]).lower()
    chosen_words = {*re.split(r"[\W_]+", chosen)}
    return [
        replace(
            similar, words=tuple(word for word in similar.words if {*word.lower().split()} <= chosen_words)
        )
        for similar in find_similar_products(person, product.pk)
    ]


def list_service_levels(
    product: DataProduct, quality: QualityView, freshness: ProductFreshness
) -> list[ServiceLevel]:
    """What is measured says whether it is kept."""
    mark = FRESHNESS_MARKS.get(freshness.state)
    measured = {
        "freshness_hours": (
            describe_promise(product.freshness_hours),
            mark,
            str(freshness.state.label) if mark else "",
        ),
        "quality_percent": (
            describe_percent(product.quality_percent),
            quality.mark,
            describe_kept(quality.keeps),
        ),
        "answer_hours": (_describe_hours(product.answer_hours), None, ""),
        **_describe_completeness(product, quality.completeness),
    }
    levels = [
        ServiceLevel(
            str(level.level_label or level.label),
            *(measured.get(level.name) or (_describe_promised(product, level),)),
        )
        for level in list_section(Section.DATA_LEVELS, Section.SUPPORT_LEVELS)
    ]
    return [level for level in levels if level.text]


def _describe_promised(product: DataProduct, field: ProductField) -> str:
    value = getattr(product, field.name)
    if field.kind == FieldKind.PERCENT:
        return _mark_unmeasured(describe_percent(value))
    return _mark_unmeasured(_describe_hours(value) if field.kind == FieldKind.HOURS else value)


def _describe_completeness(
    product: DataProduct, completeness: PromiseCheck | None
) -> dict[str, tuple[str, CheckMark | None, str]]:
    """What is promised beside the share of rules on completeness that passed; nothing where none was evaluated."""
    score = completeness.score if completeness else None
    if completeness is None or score is None:
        return {}
    words = {
        "promised": describe_percent(product.completeness_percent),
        "passed": score.passed,
        "evaluated": score.evaluated,
    }
    text = _("%(promised)s; %(passed)s of %(evaluated)s rules on completeness passed") % words
    return {"completeness_percent": (text, completeness.mark, describe_kept(completeness.keeps))}


def describe_support_hours(product: DataProduct) -> str:
    return _mark_unmeasured(product.support_hours)


def _mark_unmeasured(promised: str) -> str:
    """A promise that nothing compares with facts is told as one."""
    return _("%(promised)s, promised, not measured") % {"promised": promised} if promised else ""


def _describe_hours(hours: int | None) -> str:
    if hours is None:
        return ""
    return ngettext("within %(n)d hour", "within %(n)d hours", hours) % {"n": hours}


def describe_percent(number: Decimal | None) -> str:
    return "" if number is None else _("%(number)s%%") % {"number": number_format(number.normalize())}
