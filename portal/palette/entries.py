"""What the command palette finds for a person, in groups."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.glossary.queries import find_approved_terms
from catalog.products.models import Domain
from catalog.search.query import SearchQuery
from catalog.search.search import get_cached_search
from identity.people.models import Person, Team
from kernel import clock
from kernel.queries import limit_rows
from portal.inbox.other_decisions import count_decisions
from portal.navigation import build_sections, list_menu_pages
from portal.pages.row_ids import parse_id
from requests_app.access_requests.queries import list_own_requests
from requests_app.grants.expiry_warnings import filter_next_ending
from requests_app.grants.queries import list_own_grants

MAX_ENTRIES = 5


@dataclass(frozen=True)
class Entry:
    """A link. `hint` says what it is, where the label does not."""

    label: str
    url: str
    hint: str = ""


@dataclass(frozen=True)
class EntryGroup:
    """Entries of one kind."""

    label: str
    entries: Sequence[Entry]


def list_groups(person: Person, text: str) -> list[EntryGroup]:
    """Without a text, the pages and actions. Groups without entries are left out."""
    found = [
        (_("Actions"), _filter_entries(_list_actions(person), text)),
        (_("Pages"), _filter_entries(_list_pages(person), text)),
    ]
    if text:
        terms = [
            Entry(
                row.name,
                reverse("glossary-term", args=[row.slug]),
                row.domain.name if row.domain else _("term"),
            )
            for row in find_approved_terms(text)[:MAX_ENTRIES]
        ]
        query = SearchQuery.from_parameters({"q": [text]})
        hits = get_cached_search(query, person=person, limit=MAX_ENTRIES, offset=0).hits
        entries = [
            Entry(hit.name, reverse("data-product", args=[hit.slug]), _("data product"))
            if hit.kind == "product"
            else Entry(hit.name, reverse("table", args=[hit.pk]), _("table"))
            for hit in hits
        ]
        everything = Entry(
            _("All results for %(text)s") % {"text": text}, f"{reverse('search')}?{query.to_querystring()}"
        )
        found += [
            (_("Data"), [*entries, everything]),
            (_("Glossary"), terms),
            (_("Requests"), _find_requests(person, text)),
            (_("People, teams and domains"), _find_people(text)),
        ]
    return [EntryGroup(label, entries) for label, entries in found if entries]


def _filter_entries(entries: Iterable[Entry], text: str) -> list[Entry]:
    words = text.lower().split()
    return [
        entry for entry in entries if all(word in f"{entry.label} {entry.hint}".lower() for word in words)
    ]


def _list_actions(person: Person) -> Iterator[Entry]:
    if count_decisions(person):
        yield Entry(_("Review what waits for my decision"), reverse("reviews"))
    for grant in limit_rows(filter_next_ending(list_own_grants(person), clock.now()), MAX_ENTRIES):
        url = f"{reverse('access-request-new')}?table={grant.table_id}&extends={grant.pk}"
        yield Entry(_("Extend access to %(name)s") % {"name": grant.item.name}, url)
    yield Entry(_("Send the requests in my basket"), reverse("baskets"))
    yield Entry(_("Delegate my decisions"), reverse("delegations"))


def _list_pages(person: Person) -> Iterator[Entry]:
    yield Entry(_("Home"), reverse("home"))
    for section in build_sections(person, decides=count_decisions(person) > 0):
        for page in section.all_pages:
            yield Entry(page.label, page.url, section.label)
    for page in list_menu_pages(person):
        yield Entry(page.label, page.url)
    yield Entry(_("Notifications"), reverse("notifications"))
    yield Entry(_("Notification settings"), reverse("notification-settings"))
    yield Entry(_("My profile"), reverse("person", args=[person.pk]))
    yield Entry(_("API documentation"), reverse("api-docs"))
    yield Entry(_("Keyboard shortcuts"), reverse("keyboard-shortcuts"))


def _find_requests(person: Person, text: str) -> list[Entry]:
    """Own requests, by number, product, table or purpose."""
    wanted = (
        Q(purpose__icontains=text)
        | Q(items__product__name__icontains=text)
        | Q(items__table__name__icontains=text)
    )
    if number := parse_id(text.removeprefix("#")):
        wanted |= Q(pk=number)
    found = list_own_requests(person).filter(wanted).distinct()[:MAX_ENTRIES]
    return [
        Entry(
            ", ".join(dict.fromkeys(str(item.product or item.name) for item in request.items.all())),
            reverse("access-request", args=[request.pk]),
            f"#{request.pk}",
        )
        for request in found
    ]


def _find_people(text: str) -> list[Entry]:
    people = Person.objects.filter(Q(name__icontains=text) | Q(email=text), is_active=True)
    teams = Team.objects.filter(name__icontains=text)
    domains = Domain.objects.filter(name__icontains=text)
    return [
        *(
            Entry(row.name, reverse("person", args=[row.pk]), _("person"))
            for row in people.order_by("name", "pk")[:MAX_ENTRIES]
        ),
        *(
            Entry(row.name, reverse("team", args=[row.slug]), _("team"))
            for row in teams.order_by("name")[:MAX_ENTRIES]
        ),
        *(
            Entry(row.name, reverse("domain", args=[row.slug]), _("domain"))
            for row in domains.order_by("name")[:MAX_ENTRIES]
        ),
    ]
