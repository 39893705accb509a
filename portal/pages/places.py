"""In which section a page stands, where that depends on who looks."""

from django.http import HttpRequest

from catalog.products.may import is_editor
from catalog.products.models import DataProduct
from identity.people.models import Person

_ATTRIBUTE = "navigation_pages"


def place_page(request: HttpRequest, *names: str) -> None:
    """The page belongs to the first of these pages of the navigation that the person has; without any, to that of its address."""
    setattr(request, _ATTRIBUTE, names)


def place_product_page(request: HttpRequest, person: Person, product: DataProduct) -> None:
    """Under *My products* for who maintains the product, else under *Discover*."""
    maintains = product.owner_id == person.pk or is_editor(person, product.domain)
    place_page(request, "my-products" if maintains else "search")


def get_placed_pages(request: HttpRequest) -> tuple[str, ...]:
    return getattr(request, _ATTRIBUTE, ())
