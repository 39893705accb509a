"""What an event is about, in words and with its page. The log itself names a row by its kind and number."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.crawler_runs import CrawlerRun
from catalog.glossary.models import Term
from catalog.problems import Problem
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.models import Offer
from catalog.questions import Question
from catalog.release_notes import ReleaseNote
from catalog.search.models import SavedSearch
from decisions.kinds import iterate_kinds
from fulfilment.permissions.models import DriftFinding
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.connections import AccountConnection
from identity.people.models import Person, Team
from identity.service_tokens import ServiceToken
from portal.permissions.presenters import catalog_url
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_reviews.models import AccessReview
from requests_app.grants.models import Grant
from requests_app.notifications.webhooks.models import Webhook


@dataclass(frozen=True)
class Subject:
    """`url` is empty where it has no page."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class SubjectKind:
    """How rows of one kind are named. `page` is the name of an address, `argument` the field that is in it; `key` the field that the
    log names a row by.
    """

    model: type[Model]
    page: str = ""
    describe: Callable[[Any], str] = str
    related: tuple[str, ...] = ()
    argument: str = "pk"
    key: str = "pk"
    build_url: Callable[[Any], str] | None = None

    def build(self, row: Any) -> Subject:
        if self.build_url:
            return Subject(self.describe(row), self.build_url(row))
        url = reverse(self.page, args=[getattr(row, self.argument)]) if self.page else ""
        return Subject(self.describe(row), url)


def _describe_item(item: RequestItem) -> str:
    return _("%(data)s for %(role)s") % {
        "data": item.product or item.name,
        "role": item.request.principal.name,
    }


def describe_request(request: AccessRequest) -> str:
    names = dict.fromkeys(str(item.product or item.name) for item in request.items.all())
    return _("%(data)s for %(role)s") % {"data": ", ".join(names), "role": request.principal.name}


MAX_DIGITS = 19
"""A number of fewer digits fits into the key of a row."""
ITEM_FIELDS = ("product", "table__database", "request__principal")
KINDS: Mapping[str, SubjectKind] = {
    "item": SubjectKind(RequestItem, "review", _describe_item, ITEM_FIELDS),
    "grant": SubjectKind(
        Grant,
        "grant-proof",
        lambda grant: _describe_item(grant.item),
        tuple(f"item__{field}" for field in ITEM_FIELDS),
    ),
    "request": SubjectKind(AccessRequest, "access-request", describe_request, ("principal",)),
    "access_review": SubjectKind(AccessReview, "access-review"),
    "person": SubjectKind(Person, "person"),
    "team": SubjectKind(Team, "team", argument="slug"),
    "domain": SubjectKind(Domain, "domain", argument="slug"),
    "product": SubjectKind(DataProduct, "data-product", argument="slug"),
    "offer": SubjectKind(Offer, describe=lambda offer: f"{offer.product}", related=("product",)),
    "term": SubjectKind(Term, "glossary-term", argument="slug"),
    "problem": SubjectKind(Problem, "problem"),
    "question": SubjectKind(Question, "question"),
    "release_note": SubjectKind(ReleaseNote, "release-note"),
    "crawler_run": SubjectKind(CrawlerRun, "crawler-run"),
    "saved_search": SubjectKind(SavedSearch),
    "service_token": SubjectKind(ServiceToken),
    "webhook": SubjectKind(Webhook),
    "principal": SubjectKind(Principal, describe=lambda role: role.name),
    "account": SubjectKind(Account, key="account_id"),
    "connection": SubjectKind(AccountConnection, key="account_id"),
    "catalog": SubjectKind(
        ConnectedCatalog,
        describe=lambda catalog: catalog.short_name,
        build_url=lambda catalog: catalog_url(catalog.short_name),
    ),
    "finding": SubjectKind(
        DriftFinding,
        describe=lambda finding: f"{finding.catalog.short_name}: {finding.database}.{finding.table}".rstrip(
            ".:"
        ),
        related=("catalog",),
        build_url=lambda finding: catalog_url(finding.catalog.short_name),
    ),
}


def describe_subjects(subjects: Iterable[str]) -> dict[str, Subject]:
    """By what the log calls them; what is no row, or is gone, in the log's words. One query for each kind, two for requests."""
    of_decisions = {
        kind.name: SubjectKind(kind.model, kind.page, kind.describe or str, argument=kind.argument)
        for kind in iterate_kinds()
    }
    kinds = {**of_decisions, **KINDS}
    numbers: dict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        name, _colon, number = subject.partition(":")
        if number.isdecimal() and len(number) < MAX_DIGITS:
            numbers[name].add(number)
    described: dict[str, Subject] = {}
    for name in numbers.keys() & kinds.keys():
        kind = kinds[name]
        rows = kind.model._default_manager.select_related(*kind.related)  # noqa: SLF001 - Django documents it
        if name == "request":
            rows = rows.prefetch_related("items__product", "items__table__database")
        for row in rows.filter(**{f"{kind.key}__in": numbers[name]}):
            described[f"{name}:{getattr(row, kind.key)}"] = kind.build(row)
    return described
