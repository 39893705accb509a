"""Follow data products and domains. Each is one transaction."""

from datetime import datetime

from django.db import transaction

from catalog.browse.products import get_domain, get_product
from catalog.follows.may import may_follow_domain, may_follow_product, may_unfollow
from catalog.follows.models import Follow
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, require_allowed


@transaction.atomic(durable=True)
def follow_product(*, acting_user: Person, slug: str, now: datetime) -> Follow:
    """The person is told of new versions, release notes, problems and deprecations. Followed already, nothing changes.

    NotFoundError for a product that the person may not see; ForbiddenError for a retired one.
    """
    product = get_product(acting_user, slug)
    require_allowed(may_follow_product(acting_user, product))
    row, is_new = Follow.objects.get_or_create(
        person=acting_user, product=product, defaults={"followed_at": now}
    )
    if is_new:
        record_by_person("follow_product", acting_user, f"product:{product.pk}", {}, now)
    return row


@transaction.atomic(durable=True)
def follow_domain(*, acting_user: Person, slug: str, now: datetime) -> Follow:
    """The person is told of new data products that they may see. Followed already, nothing changes. NotFoundError."""
    domain = get_domain(slug)
    require_allowed(may_follow_domain(acting_user, domain))
    row, is_new = Follow.objects.get_or_create(
        person=acting_user, domain=domain, defaults={"followed_at": now}
    )
    if is_new:
        record_by_person("follow_domain", acting_user, f"domain:{domain.pk}", {}, now)
    return row


@transaction.atomic(durable=True)
def unfollow(*, acting_user: Person, follow_id: int, now: datetime) -> None:
    """NotFoundError unless the person follows it."""
    row = Follow.objects.filter(pk=follow_id).first()
    if row is None or not may_unfollow(acting_user, row):
        raise NotFoundError
    deleted, _by_model = Follow.objects.filter(pk=follow_id).delete()
    if not deleted:
        raise NotFoundError
    subject = f"product:{row.product_id}" if row.product_id else f"domain:{row.domain_id}"
    record_by_person("unfollow", acting_user, subject, {}, now)
