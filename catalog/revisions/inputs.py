"""The products from which a product is made."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from catalog.products.may import visible_products
from catalog.products.models import DataProduct, ProductInput
from catalog.revisions.models import ProductRevision
from identity.keys import normalize_slug
from identity.people.models import Person
from kernel.errors import RefusedError


def list_choosable_inputs(person: Person, product: DataProduct) -> QuerySet[DataProduct]:
    """Published products that the person sees, by domain and name."""
    shown = visible_products(person).filter(is_published=True).exclude(pk=product.pk).select_related("domain")
    return shown.order_by(Lower("domain__name"), Lower("name"), "pk")


def list_chosen_inputs(product: DataProduct, draft: ProductRevision | None) -> set[int]:
    """Ids that the product or its draft has already."""
    drafted = draft.content.get("inputs", []) if draft else []
    return {*product.input_links.values_list("input_id", flat=True), *drafted}


def check_new_inputs(
    person: Person, inputs: Collection[int], product: DataProduct, draft: ProductRevision | None
) -> None:
    """RefusedError for one that was not chosen before and that the person does not see."""
    new = set(inputs) - list_chosen_inputs(product, draft)
    if visible_products(person).filter(pk__in=new).count() != len(new):
        raise RefusedError(_("Choose products that you can see."), "inputs")


def choose_inputs(person: Person, slugs: Collection[str], known: Collection[int]) -> tuple[int, ...]:
    """Ids of the products with these slugs, and of those in `known` that the person does not see: they stay. RefusedError for one
    that does not exist or that the person does not see.
    """
    shown, slugs = visible_products(person), set(map(normalize_slug, slugs))
    found = dict(shown.filter(slug__in=slugs).values_list("slug", "pk"))
    if slugs - found.keys():
        raise RefusedError(_("Choose products that you can see."), "inputs")
    hidden = set(known) - set(shown.filter(pk__in=known).values_list("pk", flat=True))
    return (*found.values(), *sorted(hidden))


def write_inputs(product: DataProduct, inputs: Collection[int]) -> None:
    """Exactly these."""
    product.input_links.exclude(input__in=inputs).delete()
    rows = [ProductInput(product=product, input_id=pk) for pk in inputs]
    ProductInput.objects.bulk_create(rows, ignore_conflicts=True)
