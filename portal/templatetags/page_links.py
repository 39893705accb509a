"""Links to the pages of people, teams and domains; a built-in of every template."""

from collections.abc import Mapping

from django import template
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.products.models import Domain
from identity.people.models import Person, Team

register = template.Library()
ROUTES: Mapping[type[Model], tuple[str, str]] = {
    Person: ("person", "pk"),
    Team: ("team", "slug"),
    Domain: ("domain", "slug"),
}
"""Name of the page's address and its argument."""


@register.simple_tag
def page_link(row: Person | Team | Domain) -> SafeString:
    """`{% page_link product.domain %}`: its name, linked to its page. In a sentence: `{% page_link team as team %}`."""
    route, argument = ROUTES[row.__class__]
    address = reverse(route, args=[getattr(row, argument)])
    return format_html('<a class="above" dir="auto" href="{}">{}</a>', address, row.name)
