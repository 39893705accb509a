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

from catalog.products.links import LinkKind
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, ProductInput
from identity.people.models import Person
from portal.freshness.presenters import describe_promise


@dataclass(frozen=True)
class ShownLink:
    label: str
    url: str
    host: str


@dataclass(frozen=True)
class ProductDetails:
    """`service_levels` are labels with texts. `inputs` and `outputs` are what the person sees of the products it is
    made from, and of those that are made from it.
    """

    service_levels: list[tuple[str, str]]
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
    return ProductDetails(
        service_levels=_list_service_levels(product),
        links=_list_links(product),
        inputs=[one for one in linked if one.is_input],
        outputs=[one for one in linked if one.is_output],
    )


def _list_service_levels(product: DataProduct) -> list[tuple[str, str]]:
    levels = [
        (_("Freshness"), describe_promise(product.freshness_hours)),
        (_("Completeness"), _mark_unmeasured(describe_percent(product.completeness_percent))),
        (_("Availability"), _mark_unmeasured(describe_percent(product.availability_percent))),
        (_("Quality"), describe_percent(product.quality_percent)),
        (_("Support hours"), _mark_unmeasured(product.support_hours)),
        (_("Answer time"), _describe_answer_time(product.answer_hours)),
        (_("Retention"), _mark_unmeasured(product.retention)),
    ]
    return [(label, text) for label, text in levels if text]


def _mark_unmeasured(promised: str) -> str:
    """A promise that nothing compares with facts is told as one."""
    return _("%(promised)s, promised, not measured") % {"promised": promised} if promised else ""


def _describe_answer_time(hours: int | None) -> str:
    if hours is None:
        return ""
    return ngettext("within %(n)d hour", "within %(n)d hours", hours) % {"n": hours}


def describe_percent(number: Decimal | None) -> str:
    return "" if number is None else _("%(number)s%%") % {"number": number_format(number.normalize())}


def _list_links(product: DataProduct) -> list[ShownLink]:
    return [
        ShownLink(str(LinkKind(kind).label), url, urlsplit(url).hostname or url)
        for kind in LinkKind.values
        for url in product.links.get(kind, ())
    ]
