"""What a person follows, and who is told of an event of a data product."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from catalog.discovery.queries import list_viewers
from catalog.discovery.settings import read_settings
from catalog.follows.models import Follow
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, Domain
from identity.people.models import Person
from kernel.errors import NotFoundError


@dataclass(frozen=True)
class Following:
    """How many active people follow something, and whether the person is one of them."""

    count: int
    is_followed: bool


def list_follows(person: Person) -> QuerySet[Follow]:
    """Of what the person may still see, the last first."""
    shown = Q(product__in=visible_products(person)) | Q(domain__isnull=False)
    rows = Follow.objects.filter(shown, person=person).select_related("product__domain", "domain")
    return rows.order_by("-followed_at", "-pk")


def get_follow(person: Person, follow_id: int) -> Follow:
    """NotFoundError unless it is the person's own, of something that they may see."""
    found = list_follows(person).filter(pk=follow_id).first()
    if found is None:
        raise NotFoundError
    return found


def find_product_follow(person: Person, product: DataProduct) -> Follow | None:
    return Follow.objects.filter(person=person, product=product).first()


def find_domain_follow(person: Person, domain: Domain) -> Follow | None:
    return Follow.objects.filter(person=person, domain=domain).first()


def get_following(person: Person, rows: QuerySet[Follow]) -> Following:
    """Of the follows of one product or domain. One query."""
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
    """Those who may see the product, as `visible_products` says it."""
    found = list(people)
    if found and product.is_published:
        viewers: Collection[int] = list_viewers(product, read_settings(product))
        return [one for one in found if one.pk in viewers]
    return [one for one in found if visible_products(one).filter(pk=product.pk).exists()]
