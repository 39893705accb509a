"""In which section a page stands, where that depends on who looks."""

from django.http import HttpRequest

from catalog.products.may import is_editor
from catalog.products.models import DataProduct
from identity.people.may import get_team_ids
from identity.people.models import Person
from requests_app.access_requests.models import AccessRequest

_ATTRIBUTE = "navigation_pages"


def place_page(request: HttpRequest, *names: str) -> None:
    """The page belongs to the first of these pages of the navigation that the person has; without any, to that of its address."""
    setattr(request, _ATTRIBUTE, names)


def place_product_page(request: HttpRequest, person: Person, product: DataProduct) -> None:
    """Under *My products* for who maintains the product, else under *Discover*."""
    place_page(request, "my-products" if maintains_product(person, product) else "search")


def place_access_page(
    request: HttpRequest, person: Person, asked: AccessRequest, product: DataProduct | None
) -> None:
    """Under *My access* for who asked and their team; for others where they look at access: with their products, their decisions or
    all permissions.
    """
    if is_own_request(person, asked):
        place_page(request, "grants")
    elif product and maintains_product(person, product):
        place_page(request, "my-products")
    else:
        place_page(request, "permissions", "reviews-decided", "search")


def maintains_product(person: Person, product: DataProduct) -> bool:
    return product.owner_id == person.pk or is_editor(person, product.domain)


def is_own_request(person: Person, asked: AccessRequest) -> bool:
    return asked.current_requester.pk == person.pk or asked.team_id in get_team_ids(person)


def get_placed_pages(request: HttpRequest) -> tuple[str, ...]:
    return getattr(request, _ATTRIBUTE, ())
