"""Data products and domains that people follow. A saved search is followed by its alert: see `catalog.search.alerts`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.browse.products import get_domain, get_product
from catalog.discovery import list_viewers, read_settings
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, Domain
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, require_allowed
from kernel.verdicts import ALLOWED, Verdict, refusal


class Follow(models.Model):
    """A person is told of what happens to a data product, or of new data products in a domain."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="follows")
    product = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="follows"
    )
    domain = models.ForeignKey(
        Domain, null=True, blank=True, on_delete=models.PROTECT, related_name="follows"
    )
    followed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, domain=None) | Q(product=None, domain__isnull=False),
                name="follow_of_product_or_domain",
            ),
            models.UniqueConstraint(fields=["person", "product"], name="follow_product_once"),
            models.UniqueConstraint(fields=["person", "domain"], name="follow_domain_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} follows {self.product or self.domain}"


def may_follow_product(person: Person, product: DataProduct) -> Verdict:
    """Whoever sees it, which the caller has checked; no longer once it is retired."""
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    if product.retired_at is not None:
        return refusal(_("The product is retired. It can't be changed any more."))
    return ALLOWED


def may_follow_domain(person: Person, _domain: Domain) -> Verdict:
    """Everybody: its page is open to all, and they are told only of products that they may see."""
    return ALLOWED if person.is_active else refusal(_("Your profile is deactivated."))


def may_unfollow(person: Person, follow: Follow) -> Verdict:
    """Whose it is."""
    if person.is_active and person.pk == follow.person_id:
        return ALLOWED
    return refusal(_("You don't follow it."))


@dataclass(frozen=True)
class Following:
    """How many active people follow something, and whether the person is one of them."""

    count: int
    is_followed: bool


def list_follows(person: Person) -> QuerySet[Follow]:
    """Follows of what the person may still see, the last first."""
    shown = Q(product__in=visible_products(person)) | Q(domain__isnull=False)
    rows = Follow.objects.filter(shown, person=person).select_related("product__domain", "domain")
    return rows.order_by("-followed_at", "-pk")


def get_follow(person: Person, follow_id: int) -> Follow:
    """NotFoundError unless it is the person's own, of something that they may see."""
    follow = list_follows(person).filter(pk=follow_id).first()
    if follow is None:
        raise NotFoundError
    return follow


def find_product_follow(person: Person, product: DataProduct) -> Follow | None:
    return Follow.objects.filter(person=person, product=product).first()


def find_domain_follow(person: Person, domain: Domain) -> Follow | None:
    return Follow.objects.filter(person=person, domain=domain).first()


def get_following(person: Person, rows: QuerySet[Follow]) -> Following:
    """How the person follows one product or domain, by its follows. One query."""
    said = rows.filter(person__is_active=True).aggregate(
        count=Count("pk"), own=Count("pk", filter=Q(person=person))
    )
    return Following(said["count"], bool(said["own"]))


def list_product_followers(product: DataProduct) -> list[Person]:
    """Active followers who may see it now."""
    return filter_viewers(product, Person.objects.filter(follows__product=product, is_active=True))


def list_domain_followers(product: DataProduct) -> list[Person]:
    """Active followers of its domain who may see the product now."""
    people = Person.objects.filter(follows__domain=product.domain_id, is_active=True)
    return filter_viewers(product, people)


def filter_viewers(product: DataProduct, people: Iterable[Person]) -> list[Person]:
    """The people who may see the product, as `visible_products` says it."""
    found = list(people)
    if found and product.is_published:
        viewers: Collection[int] = list_viewers(product, read_settings(product))
        return [one for one in found if one.pk in viewers]
    return [one for one in found if visible_products(one).filter(pk=product.pk).exists()]


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
