"""The demo's tour: request data, publish a product from tables, publish a product from a file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.products.models import DataProduct, Domain
from catalog.revisions.queries import get_draft
from catalog.revisions.rule_results import check_draft
from fulfilment.intents.models import Intent
from identity.accounts import Principal
from identity.people.models import Membership, Person
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.states import GrantState
from requests_app.review.may import list_deciders

START_COOKIE = "tour-from"
START = re.compile(r"(?P<item>[0-9]{1,18})-(?P<product>[0-9]{1,18})")
DOMAIN = "insurance"
DATABASE, TABLES = "insurance_silver", ("claims_clean", "policy_events")
EXAMPLE = """SELECT event_type, count(*) AS events
FROM insurance_silver.policy_events
GROUP BY event_type"""
IMPORTING_DOMAIN, SLUG = "retail-banking", "branch-visits"
CONTRACT_FILE = Path(__file__).parent / "branch-visits.odcs.yaml"


@require_GET
def tour_page(request: HttpRequest) -> HttpResponse:
    """Requests and products that were made before the tour started do not count."""
    start = read_start(request)
    sections = list(_build_sections(start))
    response = render(
        request, "demo/tour.html", {"sections": sections, "current": find_current_step(sections)}
    )
    response.set_cookie(START_COOKIE, start.cookie, httponly=True, samesite="Lax")
    return response


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


def _build_sections(start: TourStart) -> Iterator[TourSection]:
    """Builds the sections for which the demo has people and data."""
    for build in (build_requesting_section, build_drafting_section, build_importing_section):
        section = build(start)
        if section is not None:
            yield section


def read_start(request: HttpRequest) -> TourStart:
    """Reads the cookie; without one, the tour starts now."""
    found = START.fullmatch(request.COOKIES.get(START_COOKIE, ""))
    if found:
        return TourStart(int(found["item"]), int(found["product"]))
    last_item = RequestItem.objects.order_by("-pk").values_list("pk", flat=True).first()
    last_product = DataProduct.objects.order_by("-pk").values_list("pk", flat=True).first()
    return TourStart(last_item or 0, last_product or 0)


def find_current_step(sections: Sequence[TourSection]) -> TourStep | None:
    """The next step of a section that was begun; else that of the first section with steps to do."""
    open_sections = [section for section in sections if section.next_step]
    begun_first = sorted(open_sections, key=lambda open_section: not open_section.is_begun)
    return begun_first[0].next_step if begun_first else None


@dataclass(frozen=True)
class TourCast:
    """The requester, the owner and the product of the tour."""

    requester: Person
    owner: Person
    product: DataProduct


def build_requesting_section(start: TourStart) -> TourSection | None:
    cast = _choose_cast()
    if cast is None:
        return None
    steps = _build_steps(cast, _find_item(cast, start.item))
    return TourSection("request", _("Request data, use it and give it back"), steps)


def _choose_cast() -> TourCast | None:
    """A person who can request, and a data owner of a product who is not in their teams."""
    accounts = Principal.objects.filter(gone_at__isnull=True, account__is_consumer=True)
    requesters = Person.objects.filter(
        is_active=True, teams__accounts__in=accounts.values("account")
    ).distinct()
    current_requester = requesters.filter(name="Ana Keller").first() or requesters.first()
    products = DataProduct.objects.filter(is_published=True, tables__isnull=False).select_related("domain")
    product = products.filter(slug="claims").first() or products.order_by("pk").first()
    if current_requester is None or product is None:
        return None
    owners = Membership.objects.filter(team=product.domain.owner_team, role=Membership.Role.DATA_OWNER)
    owner = owners.exclude(person=current_requester).select_related("person").order_by("person__name").first()
    return TourCast(current_requester, owner.person, product) if owner else None


def _find_item(cast: TourCast, first: int) -> RequestItem | None:
    asked = RequestItem.objects.filter(requester=cast.requester, pk__gt=first).select_related(
        "product", "request"
    )
    return asked.select_related("grant__intent").order_by("-pk").first()


def _build_steps(cast: TourCast, item: RequestItem | None) -> list[TourStep]:
    grant = getattr(item, "grant", None)
    decided = item is not None and item.state in {ItemState.APPROVED, ItemState.REJECTED}
    proven = grant is not None and grant.intent.presence in {Intent.Presence.PRESENT, Intent.Presence.ABSENT}
    ended = grant is not None and grant.state != GrantState.LIVE
    decider = (list_deciders(item).first() if item else None) or cast.owner
    current_requester = cast.requester
    product_url = reverse("data-product", args=[cast.product.slug])
    story = reverse("access-request", args=[item.request_id]) if item else reverse("access-requests")
    review = reverse("review", args=[item.pk]) if item else reverse("reviews")
    return [
        TourStep(_("Find data"), _("Search for a word, a column or an owner. The page shows what the data is, who owns it, and which columns are sensitive."), current_requester, product_url, _("Open %(name)s") % {"name": cast.product.name}, item is not None),
        TourStep(_("Request access"), _("Select the columns, the rows if you don't need all, the purpose and the end date. The partner outside the bank requested the rows of one region: when the demo started, Athena showed it no others."), current_requester, product_url, _("Request access"), item is not None),
        TourStep(_("Decide"), _("The data owner sees exactly what an approval does, account by account, before approving."), decider, review, _("Review the request"), decided),
        TourStep(_("Follow it to active access"), _("The workers grant the permission in AWS and read it back. Only then does the portal show it as active."), current_requester, story, _("Follow the request"), proven),
        TourStep(_("Try to break it, then revoke it"), _("Remove a permission outside the portal, kill the worker, change the time. Then revoke the access and watch it end."), decider, reverse("demo-break"), _("Try to break it"), ended),
    ]  # fmt: skip


def build_drafting_section(start: TourStart) -> TourSection | None:
    publishers = find_publishers(DOMAIN)
    if publishers is None:
        return None
    data_product = (
        DataProduct.objects.filter(domain=publishers.domain, pk__gt=start.product).order_by("-pk").first()
    )
    steps = [_build_draft_step(publishers, data_product), *_build_publish_steps(publishers, data_product)]
    return TourSection("from-tables", _("Publish a data product from tables"), steps)


@dataclass(frozen=True)
class Publishers:
    developer: Person
    owner: Person
    domain: Domain


def _build_draft_step(publishers: Publishers, product: DataProduct | None) -> TourStep:
    words = {"domain": publishers.domain.name, "first": TABLES[0], "second": TABLES[1], "database": DATABASE}
    return TourStep(
        title=_("Draft it"),
        text=_("Create a product of %(domain)s with a name and a summary of your own. Then choose the tables %(first)s and %(second)s in %(database)s and save the draft. Only the team sees it.") % words,
        person=publishers.developer,
        url=reverse("data-product-edit", args=[product.slug]) if product else reverse("data-product-new"),
        action=_("Choose its tables") if product else _("Create a product"),
        is_done=product is not None and _has_tables(product),
    )  # fmt: skip


def _build_publish_steps(publishers: Publishers, product: DataProduct | None) -> list[TourStep]:
    is_published = product is not None and product.is_published
    is_complete = is_published or (product is not None and _is_complete(product))
    draft = reverse("data-product-draft", args=[product.slug]) if product else reverse("my-products")
    page = reverse("data-product", args=[product.slug]) if product and is_published else draft
    return [
        TourStep(
            title=_("Complete it"),
            text=_("The draft lists the publication rules that it does not meet yet, each with a link to its field. Write a description of a sentence or two, where consumers get help, how old and how complete the data is, and the terms of use. Copy the example below, or write your own. Save the draft."),
            person=publishers.owner, url=draft, action=_("Complete the draft"), is_done=is_complete,
            snippet=TourSnippet(_("Example in SQL"), EXAMPLE),
        ),
        TourStep(
            title=_("Publish it"),
            text=_("When every rule is met, publish the draft. From then on, everyone in the organisation finds the product and can request it."),
            person=publishers.owner, url=page,
            action=_("Open the product") if is_published else _("Publish the draft"), is_done=is_published,
        ),
    ]  # fmt: skip


def _has_tables(product: DataProduct) -> bool:
    draft = get_draft(product)
    tables = draft.content["tables"] if draft else product.product_tables.values_list("table", flat=True)
    return len(tables) >= len(TABLES)


def _is_complete(product: DataProduct) -> bool:
    draft = get_draft(product)
    return draft is not None and all(
        one.is_met for one in check_draft(product.owner, product, draft, clock.now())
    )


def build_importing_section(_start: TourStart) -> TourSection | None:
    """The file names its product, which counts whenever it was imported."""
    publishers = find_publishers(IMPORTING_DOMAIN)
    if publishers is None:
        return None
    product = DataProduct.objects.filter(slug=SLUG).first()
    is_published = product is not None and product.is_published
    draft = reverse("data-product-draft", args=[SLUG]) if product else reverse("my-products")
    return TourSection("from-file", _("Publish a data product from a file"), [
        TourStep(
            title=_("Import a data contract"),
            text=_("Producers can keep a product as a file beside its pipeline. Copy this data contract (ODCS 3.1), paste it on the import page, look at what it changes, and save it as a draft."),
            person=publishers.developer, url=reverse("data-product-import"), action=_("Import the file"), is_done=product is not None,
            snippet=TourSnippet(_("Data contract"), CONTRACT_FILE.read_text()),
        ),
        TourStep(
            title=_("Publish it"),
            text=_("The file has all that the publication rules ask for: description, terms of use, service levels and an example. Check the draft and publish it."),
            person=publishers.owner, url=reverse("data-product", args=[SLUG]) if is_published else draft,
            action=_("Open the product") if is_published else _("Publish the draft"), is_done=is_published,
        ),
    ])  # fmt: skip


def find_publishers(domain_slug: str) -> Publishers | None:
    """A developer and a data owner of the domain's team; None unless it has both."""
    domain = Domain.objects.filter(slug=domain_slug).first()
    if domain is None:
        return None
    members = Membership.objects.filter(team=domain.owner_team_id, person__is_active=True)
    members = members.select_related("person").order_by("person__name")
    developer = members.filter(role=Membership.Role.DEVELOPER).first()
    owner = members.filter(role=Membership.Role.DATA_OWNER).first()
    return Publishers(developer.person, owner.person, domain) if developer and owner else None
