"""Context of the page frame: navigation, counts and the break-glass alarm."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.sync.may import may_request_sync
from identity.connections.may import may_connect_accounts
from identity.people.may import has_platform_role, may_read_audit_log
from identity.people.models import Person, PlatformRole
from identity.role_changes.may import is_governor
from requests_app.break_glass.models import BreakGlassSession
from requests_app.break_glass.queries import find_open_session
from requests_app.page_counts import PageCounts, get_page_counts
from requests_app.permissions.may import sees_all_permissions
from requests_app.review.inbox.counts import count_waiting

BROWSE_PATHS = (
    "/data-products/",
    "/tables/",
    "/glossary/",
    "/saved-searches/",
    "/search/",
    "/domains/",
    "/teams/",
    "/people/",
    "/catalogs/",
)
DEMO_BAR_TEMPLATE = "demo/bar.html" if apps.is_installed("demo") else ""


@dataclass(frozen=True)
class NavigationEntry:
    """An entry of the main navigation."""

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
    """Navigation, counts and permissions of the person, each read on first use; the demo bar if the demo is installed."""

    demo_bar_template = DEMO_BAR_TEMPLATE

    def __init__(self, request: HttpRequest, person: Person) -> None:
        self._request, self._person = request, person

    @cached_property
    def navigation(self) -> tuple[NavigationEntry, ...]:
        labels = {
            "home": _("Discover"),
            "access-requests": _("My requests"),
            "grants": _("My access"),
            "reviews": _("Inbox"),
        }
        return tuple(self._build_navigation_entry(name, label) for name, label in labels.items())

    def _build_navigation_entry(self, name: str, label: str) -> NavigationEntry:
        address, here = reverse(name), self._request.path
        if name == "home":
            return NavigationEntry(name, label, address, here == address or here.startswith(BROWSE_PATHS))
        waiting = count_waiting(self._person) if name == "reviews" else 0
        return NavigationEntry(name, label, address, here.startswith(address), waiting)

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

    @property
    def may_connect_accounts(self) -> bool:
        return bool(may_connect_accounts(self._person))

    @property
    def is_governor(self) -> bool:
        return is_governor(self._person)

    @property
    def may_administer(self) -> bool:
        """Whether the administration pages open for the person."""
        person = self._person
        governs = has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
        return person.is_active and (person.is_staff or governs)

    @property
    def may_sync(self) -> bool:
        return bool(may_request_sync(self._person))

    @property
    def may_see_permissions(self) -> bool:
        return sees_all_permissions(self._person)

    @property
    def may_read_audit_log(self) -> bool:
        return bool(may_read_audit_log(self._person))
