"""New data products. They are unpublished until their first draft is published."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.models import DataProduct, Domain
from catalog.revisions.content import check_owner, check_texts
from catalog.revisions.may import may_create_product
from catalog.search.index.indexing import index_products
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import NotFoundError, RefusedError
from kernel.text import build_slug, choose_free_slug


@transaction.atomic(durable=True)
def create_product(
    *, acting_user: Person, domain: str, name: str, summary: str, owner: int, now: datetime
) -> DataProduct:
    """In the domain with this slug, unpublished and without tables. `owner` is the id of a data owner of its team.

    NotFoundError for a domain in which the person may not create products; RefusedError for an invalid field, or for a
    name that another product of the domain has.
    """
    return make_product(
        person=acting_user, domain=domain, name=name, summary=summary, owner=owner, now=now, slug=""
    )


def make_product(
    *, person: Person, domain: str, name: str, summary: str, owner: int, now: datetime, slug: str
) -> DataProduct:
    """`create_product` within the caller's transaction. `slug` is what it is to be called, if that is free; empty: by its name."""
    found = Domain.objects.select_related("owner_team").filter(slug=domain).first()
    if found is None or not may_create_product(person, found):
        raise NotFoundError
    acquire_transaction_lock(AdvisoryLock.NEW_PRODUCT, found.pk)
    texts = check_texts({"name": name, "summary": summary})
    if DataProduct.objects.filter(domain=found, name__iexact=texts["name"]).exists():
        raise RefusedError(
            _("%(domain)s has a product of this name already.") % {"domain": found.name}, "name"
        )
    check_owner(owner, found)
    # Of the name, with a number if another product has it. Slugs are unique across domains.
    base = build_slug(slug or texts["name"], "product")
    taken = set(DataProduct.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    product = DataProduct.objects.create(
        slug=choose_free_slug((base,), taken), domain=found, owner_id=owner, is_published=False, **texts
    )
    index_products([product.pk])
    record_by_person("create_product", person, f"product:{product.pk}", {"domain": found.slug}, now)
    return product
