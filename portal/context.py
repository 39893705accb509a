"""What every page's frame shows."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.may import may_request_sync
from identity.may import may_connect_accounts
from identity.models import Person
from requests_app.basket import count_in
from requests_app.break_glass.looking import alarm_for
from requests_app.ledger.may import sees_whole_ledger
from requests_app.loaders import inbox_of
from requests_app.notices.reading import unread_count


@dataclass(frozen=True)
class Place:
    """An entry of the main navigation."""

    name: str
    label: str
    url: str
    here: bool
    count: int = 0


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Navigation with what waits for the person; the demo's bar where the demo is installed."""
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return {"places": []}
    # By now any verb is over, and several entries of the menu ask the same.
    person.asks_once = True
    extra_bar = "demo/bar.html" if apps.is_installed("demo") else ""
    return {
        "places": _places(request, person),
        "alarm": alarm_for(person),
        "extra_bar": extra_bar,
        "collected": count_in(person),
        "unread": unread_count(person),
        "connects_accounts": bool(may_connect_accounts(person)),
        "sees_ledger": sees_whole_ledger(person),
        "may_sync": bool(may_request_sync(person)),
    }


def _places(request: HttpRequest, person: Person) -> list[Place]:
    labels = {"home": _("Browse"), "requests": _("Requests"), "access": _("Access"), "inbox": _("Inbox")}
    waiting = inbox_of(person).count()
    return [
        Place(
            name,
            label,
            reverse(name),
            _is_here(request, name),
            waiting if name == "inbox" else 0,
        )
        for name, label in labels.items()
    ]


def _is_here(request: HttpRequest, name: str) -> bool:
    address = reverse(name)
    if name == "home":
        return request.path == address or request.path.startswith(
            ("/products/", "/tables/", "/glossary/", "/searches/", "/tree/")
        )
    return request.path.startswith(address)
