"""What every page's frame shows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.sync.may import may_request_sync
from identity.connections.may import may_connect_accounts
from identity.people.may import may_read_audit_log
from identity.people.models import Person
from identity.role_changes.may import is_governor
from requests_app.break_glass.models import BreakGlass
from requests_app.break_glass.queries import find_alarm
from requests_app.page_counts import PageCounts, get_page_counts
from requests_app.permissions.may import sees_all_permissions
from requests_app.review.inbox.counts import count_waiting

BROWSING = (
    "/data-products/",
    "/tables/",
    "/glossary/",
    "/saved-searches/",
    "/search/",
    "/domains/",
    "/catalogs/",
)
EXTRA_BAR = "demo/bar.html" if apps.is_installed("demo") else ""


@dataclass(frozen=True)
class Place:
    """An entry of the main navigation."""

    name: str
    label: str
    url: str
    here: bool
    count: int = 0


def chrome(request: HttpRequest) -> dict[str, Any]:
    """The frame of the person's pages; a part of a page, which has none, asks nothing of it."""
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return {}
    # By now any verb is over, and several entries of the menu ask the same.
    person.asks_once = True
    return {"frame": Frame(request, person)}


class Frame:
    """Navigation with what waits for the person, asked for when it is shown; the demo's bar where the demo is installed."""

    extra_bar = EXTRA_BAR

    def __init__(self, request: HttpRequest, person: Person) -> None:
        self._request, self._person = request, person

    @cached_property
    def places(self) -> tuple[Place, ...]:
        labels = {
            "home": _("Discover"),
            "access-requests": _("My requests"),
            "grants": _("My access"),
            "reviews": _("Inbox"),
        }
        return tuple(self._place(name, label) for name, label in labels.items())

    def _place(self, name: str, label: str) -> Place:
        address, here = reverse(name), self._request.path
        if name == "home":
            return Place(name, label, address, here == address or here.startswith(BROWSING))
        waiting = count_waiting(self._person) if name == "reviews" else 0
        return Place(name, label, address, here.startswith(address), waiting)

    @property
    def _page_counts(self) -> PageCounts:
        return get_page_counts(self._person)

    @property
    def collected(self) -> int:
        return self._page_counts.basket_count

    @property
    def unread(self) -> int:
        return self._page_counts.unread_count

    @cached_property
    def alarm(self) -> BreakGlass | None:
        return find_alarm(self._person) if self._page_counts.has_alarm else None

    @property
    def connects_accounts(self) -> bool:
        return bool(may_connect_accounts(self._person))

    @property
    def governs(self) -> bool:
        return is_governor(self._person)

    @property
    def administers(self) -> bool:
        """Whether the administration pages open for the person."""
        return self.governs or (self._person.is_active and self._person.is_staff)

    @property
    def may_sync(self) -> bool:
        return bool(may_request_sync(self._person))

    @property
    def sees_ledger(self) -> bool:
        return sees_all_permissions(self._person)

    @property
    def reads_audit_log(self) -> bool:
        return bool(may_read_audit_log(self._person))
