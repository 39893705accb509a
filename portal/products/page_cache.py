"""Caches the content of a product's page until something that it shows changes, for a minute at most.

The key is all that the content depends on: the person, the product, the language, the state of the data, which each request reads,
and the minute, because ages count from now. See ADR 83.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

from cachetools import TTLCache, cached
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from catalog.browse.products import build_product_page
from catalog.change_versions import PageVersion, get_page_version
from identity.people.models import Person
from kernel.errors import NotFoundError
from kernel.prepared_statements import prepared_reads
from portal.pages.places import place_page
from portal.products.product_context import build_product_context

MAX_CACHED = 256
"""Pages, of up to 150 kB each."""
SECONDS_CACHED = 60
CSRF_PLACEHOLDER = secrets.token_hex(16)
"""Random, so that no text of a product can contain it."""


@dataclass(frozen=True)
class ProductContent:
    """`html` has CSRF_PLACEHOLDER where its forms need a token. `is_maintained`: by the person."""

    title: str
    html: str
    is_maintained: bool


class _Key(NamedTuple):
    person: int
    slug: str
    language: str | None
    timezone: str
    version: PageVersion


def clear_cache() -> None:
    """For tests, whose changes are rolled back."""
    _get_content.cache_clear()


def get_product_content(person: Person, slug: str) -> ProductContent:
    """NotFoundError for what the person may not see and what is retired. One query if it is cached."""
    key = _Key(person.pk, slug, get_language(), get_current_timezone_name(), get_page_version())
    return _get_content(key, person)


@cached(TTLCache(MAX_CACHED, SECONDS_CACHED), key=lambda key, _person: key, lock=Lock())
def _get_content(key: _Key, person: Person) -> ProductContent:
    return read_product_content(person, key.slug)


@prepared_reads()
def read_product_content(person: Person, slug: str) -> ProductContent:
    """What `get_product_content` caches. NotFoundError."""
    page = build_product_page(person, slug)
    if page.row.retired_at is not None:
        raise NotFoundError
    return build_product_content(build_product_context(person, page))


def build_product_content(context: Mapping[str, Any]) -> ProductContent:
    values = {**context, "csrf_token": CSRF_PLACEHOLDER}
    html = render_to_string("portal/products/_product.html", values)
    return ProductContent(context["product"].name, html, context["is_maintained"])


def render_product_content(request: HttpRequest, content: ProductContent) -> HttpResponse:
    place_page(request, "my-products" if content.is_maintained else "search")
    html = content.html.replace(CSRF_PLACEHOLDER, get_token(request))
    context = {"title": content.title, "content": mark_safe(html)}  # noqa: S308 - a rendered template
    return render(request, "portal/products/product.html", context)
