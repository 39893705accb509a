"""What a product's people promise and explain, for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.freshness.queries import ProductFreshness
from catalog.products.links import LinkKind
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, ProductInput
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
    """`inputs` and `outputs` are what the person sees of the products it is made from, and of those that are made from it."""

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
    return ProductDetails(
        links=links,
        inputs=[one for one in linked if one.is_input],
        outputs=[one for one in linked if one.is_output],
    )


def list_service_levels(
    product: DataProduct, quality: QualityView, freshness: ProductFreshness
) -> list[ServiceLevel]:
    mark = FRESHNESS_MARKS.get(freshness.state)
    levels = [
        ServiceLevel(
            _("Freshness"),
            describe_promise(product.freshness_hours),
            mark,
            str(freshness.state.label) if mark else "",
        ),
        _describe_completeness(product, quality.completeness),
        ServiceLevel(_("Availability"), _mark_unmeasured(describe_percent(product.availability_percent))),
        ServiceLevel(
            _("Quality"),
            describe_percent(product.quality_percent),
            quality.mark,
            describe_kept(quality.keeps),
        ),
        ServiceLevel(_("Support hours"), describe_support_hours(product)),
        ServiceLevel(_("Answer time"), _describe_answer_time(product.answer_hours)),
        ServiceLevel(_("Retention"), _mark_unmeasured(product.retention)),
    ]
    return [one for one in levels if one.text]


def _describe_completeness(product: DataProduct, completeness: PromiseCheck | None) -> ServiceLevel:
    """What is promised beside the share of rules on completeness that passed."""
    label, promised = _("Completeness"), describe_percent(product.completeness_percent)
    score = completeness.score if completeness else None
    if completeness is None or score is None:
        return ServiceLevel(label, _mark_unmeasured(promised))
    words = {"promised": promised, "passed": score.passed, "evaluated": score.evaluated}
    text = _("%(promised)s; %(passed)s of %(evaluated)s rules on completeness passed") % words
    return ServiceLevel(label, text, completeness.mark, describe_kept(completeness.keeps))


def describe_support_hours(product: DataProduct) -> str:
    return _mark_unmeasured(product.support_hours)


def _mark_unmeasured(promised: str) -> str:
    """A promise that nothing compares with facts is told as one."""
    return _("%(promised)s, promised, not measured") % {"promised": promised} if promised else ""


def _describe_answer_time(hours: int | None) -> str:
    if hours is None:
        return ""
    return ngettext("within %(n)d hour", "within %(n)d hours", hours) % {"n": hours}


def describe_percent(number: Decimal | None) -> str:
    return "" if number is None else _("%(number)s%%") % {"number": number_format(number.normalize())}
