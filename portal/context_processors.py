"""Context of the page frame: navigation, counts and the break-glass alarm."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.http import HttpRequest

from identity.people.models import Person
from portal.inbox.other_decisions import count_decisions
from portal.navigation import Page, Section, build_sections, find_current_page, list_menu_pages
from portal.pages.places import get_placed_pages
from requests_app.break_glass.models import BreakGlassSession
from requests_app.break_glass.queries import find_open_session
from requests_app.page_counts import PageCounts, get_page_counts

DEMO_BAR_TEMPLATE = "demo/bar.html" if apps.is_installed("demo") else ""


@dataclass(frozen=True)
class NavigationEntry:
    """A section, or a page of the open section."""

    name: str
    label: str
    url: str
    is_current: bool
    count: int = 0


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Add `frame`. Its queries run only when the template reads them, so fragments run none."""
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return {}
    # Actions have finished by now, so the roles may be cached for the menu.
    person.uses_request_cache = True
    return {"frame": Frame(request, person)}


class Frame:
    """Navigation and counts of the person, each read on first use; the demo bar if the demo is installed."""

    demo_bar_template = DEMO_BAR_TEMPLATE

    def __init__(self, request: HttpRequest, person: Person) -> None:
        self._request, self._person = request, person

    @cached_property
    def _waiting_count(self) -> int:
        return count_decisions(self._person)

    @cached_property
    def _sections(self) -> tuple[Section, ...]:
        decides = self._waiting_count > 0 or self._page_counts.is_delegate
        return build_sections(self._person, decides=decides)

    @cached_property
    def _current(self) -> tuple[Section | None, Page | None]:
        return find_current_page(self._sections, self._request.path, get_placed_pages(self._request))

    @cached_property
    def navigation(self) -> tuple[NavigationEntry, ...]:
        """The sections; each opens its first page."""
        current, _page = self._current
        return tuple(
            NavigationEntry(
                section.name,
                section.label,
                section.pages[0].url,
                section is current,
                self._waiting_count if section.name == "decide" else 0,
            )
            for section in self._sections
        )

    @cached_property
    def crumb(self) -> NavigationEntry | None:
        """The first of the breadcrumbs: the open page, or its section if that opens with it."""
        section, page = self._current
        if section is None or page is None:
            return None
        label = section.label if page.name == section.pages[0].name else page.label
        return NavigationEntry(page.name, label, page.url, is_current=False)

    @cached_property
    def tabs(self) -> tuple[NavigationEntry, ...]:
        """The pages of the open section, where it has several."""
        section, current = self._current
        if section is None or len(section.pages) == 1:
            return ()
        return tuple(
            NavigationEntry(
                page.name,
                page.label,
                page.url,
                current in page.pages,
                self.basket_count if page.name == "baskets" else 0,
            )
            for page in section.pages
        )

    @cached_property
    def pages_inside(self) -> tuple[NavigationEntry, ...]:
        """The pages of the open entry, where it has several."""
        section, current = self._current
        opened = next((page for page in section.pages if current in page.pages), None) if section else None
        return tuple(
            NavigationEntry(page.name, page.label, page.url, page is current)
            for page in (opened.inside if opened else ())
        )

    @cached_property
    def menu_pages(self) -> tuple[NavigationEntry, ...]:
        return tuple(
            NavigationEntry(page.name, page.label, page.url, is_current=False)
            for page in list_menu_pages(self._person)
        )

    @property
    def _page_counts(self) -> PageCounts:
        return get_page_counts(self._person)

    @property
    def basket_count(self) -> int:
        return self._page_counts.basket_count

    @property
    def unread_count(self) -> int:
        return self._page_counts.unread_count

    @cached_property
    def break_glass_alarm(self) -> BreakGlassSession | None:
        return find_open_session(self._person) if self._page_counts.has_open_break_glass_session else None
