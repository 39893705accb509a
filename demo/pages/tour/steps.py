"""Sections and steps of the tour. Each step is done when the database shows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from catalog.products.models import DataProduct
from identity.people.models import Person
from requests_app.access_requests.models import RequestItem

START_COOKIE = "tour-from"
START = re.compile(r"(?P<item>[0-9]{1,18})-(?P<product>[0-9]{1,18})")


@dataclass(frozen=True)
class TourSnippet:
    """A text to copy."""

    label: str
    text: str


@dataclass(frozen=True)
class TourStep:
    title: str
    text: str
    person: Person
    url: str
    action: str
    is_done: bool
    snippet: TourSnippet | None = None


@dataclass(frozen=True)
class TourSection:
    slug: str
    title: str
    steps: Sequence[TourStep]

    @property
    def next_step(self) -> TourStep | None:
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def is_begun(self) -> bool:
        return any(step.is_done for step in self.steps)


@dataclass(frozen=True)
class TourStart:
    """The last request item and the last product from before the tour. A cookie remembers them."""

    item: int
    product: int

    @property
    def cookie(self) -> str:
        return f"{self.item}-{self.product}"


def read_start(request: HttpRequest) -> TourStart:
    """Of the cookie; without one, the tour starts now."""
    found = START.fullmatch(request.COOKIES.get(START_COOKIE, ""))
    if found:
        return TourStart(int(found["item"]), int(found["product"]))
    last_item = RequestItem.objects.order_by("-pk").values_list("pk", flat=True).first()
    last_product = DataProduct.objects.order_by("-pk").values_list("pk", flat=True).first()
    return TourStart(last_item or 0, last_product or 0)


def find_current_step(sections: Sequence[TourSection]) -> TourStep | None:
    """The next step of a section that was begun; else that of the first section with steps to do."""
    open_sections = [one for one in sections if one.next_step]
    begun_first = sorted(open_sections, key=lambda one: not one.is_begun)
    return begun_first[0].next_step if begun_first else None
