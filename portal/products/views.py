"""The pages of a data product and a table."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

from cachetools import TTLCache, cached
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.browse.products import build_product_page, build_product_preview, get_product
from catalog.browse.tables import TablePage, build_table_page, get_successor
from catalog.change_versions import PageVersion
from catalog.discovery import find_request_refusals
from catalog.glossary.queries import list_links_of_tables
from catalog.mirror.models import Table
from catalog.product_lifecycle.models import find_shown_successors
from catalog.products.models import DataProduct
from catalog.revisions.content import parse_content, read_content, set_content
from catalog.revisions.queries import get_draft, get_editable_product, may_save_product_draft
from fulfilment.observations.storage import load_row_policies
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError
from kernel.sql import prepared_reads
from kernel.verdicts import ALLOWED, Verdict, find_common_refusal, refusal
from lakeformation.values.row_policies import RowPolicyAttachment
from portal.access.own_query import choose_own_query
from portal.freshness.presenters import build_table_rows as build_table_freshness
from portal.lineage.drawing import build_table_lineage_view
from portal.pages.column_pages import FIRST_COLUMNS, ColumnQuery
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.own_requests import find_request_notes
from portal.pages.partials import is_fragment_request
from portal.pages.places import place_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_lifecycle.presenters import build_table_banner, takes_requests
from portal.products.columns import build_column_list, find_readable_columns, read_page_of_table
from portal.products.discussion import build_table_problems
from portal.products.product_context import (
    ProductReading,
    build_classification_shares,
    build_frame_context,
    build_overview_context,
    build_readers_context,
    may_change_tags,
    read_product,
)
from portal.products.schema_history import build_history_entry
from portal.products.tabs import ProductTab, build_title
from portal.quality.presenters import build_quality_view
from portal.samples.presenters import build_sample_view
from portal.samples.profile_view import build_profile_view
from portal.usage.presenters import build_table_usage
from requests_app.grants.models import Grant
from requests_app.grants.queries import (
    find_own_grants,
    list_held_grants,
    select_queryable_grants,
)
from requests_app.page_counts import get_page_counts
from requests_app.permissions.may import may_explain_any, may_explain_some
from requests_app.product_retirement.queries import find_retired_product
from requests_app.targets.checks import NO_DOMAIN_MESSAGE
from requests_app.targets.many_tables import build_table_tags
from requests_app.targets.may import may_receive_access
from requests_app.write_access.targets import can_request_writing

MAX_CACHED = 256
"""Pages, of up to 150 kB each."""
SECONDS_CACHED = 60
OK = 200
PanelBuilder = Callable[[Person, DataProduct], tuple[str, Mapping[str, Any]]]
"""The template of a tab's panels, and its context, for a person who sees the product."""
CSRF_PLACEHOLDER, PANEL_PLACEHOLDER = secrets.token_hex(16), secrets.token_hex(16)
"""Random, so that no text of a product can contain them."""


@require_GET
@return_404_if_hidden
def product(request: HttpRequest, slug: str) -> HttpResponse:
    person = get_signed_in_person(request)
    try:
        content = get_product_content(person, slug)
    except NotFoundError:
        return _render_retired(request, person, slug)
    return _render_product_content(request, content)


def render_product_tab(
    request: HttpRequest, slug: str, tab: ProductTab, panel: PanelBuilder, *, status: int = OK
) -> HttpResponse:
    """The page of a product with one of its tabs open: what all tabs show is cached, `panel` reads and renders the rest. NotFoundError."""
    person = get_signed_in_person(request)
    try:
        content = get_product_content(person, slug, tab)
    except NotFoundError:
        return _render_retired(request, person, slug)
    template, context = panel(person, get_product(person, slug))
    html = render_to_string(template, {**context, "is_panel": True}, request)
    return _render_product_content(request, content, html, status=status)


@require_GET
@return_404_if_hidden
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a product as its draft has it; without a draft, the editor."""
    person = get_signed_in_person(request)
    product = get_editable_product(person, slug)
    draft, own = get_draft(product), read_content(product)
    if draft is None:
        return redirect("data-product-edit", slug)
    content = parse_content(draft.content, own)
    set_content(product, content)
    page = build_product_preview(person, product, content.tables)
    reading = read_product(person, page, clock.now(), content.inputs)
    context = {**_build_content_context(reading, ProductTab.OVERVIEW), "draft": draft}
    return _render_product_content(request, _build_product_content(context))


@require_GET
@return_404_if_hidden
@prepared_reads()
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """Redirects from a renamed table to its successor, unless `old` is in the query string."""
    person, now = get_signed_in_person(request), get_request_time(request)
    page = build_table_page(person, pk)
    row = page.table.row
    successor = get_successor(person, row)
    if successor and "old" not in request.GET:
        return redirect("table", successor.pk)
    held = list(list_held_grants(person, [row]))
    columns = _build_columns_context(page, select_queryable_grants(held, now), ColumnQuery.parse(request.GET))
    if is_fragment_request(request):
        return render(request, "portal/products/_columns.html", _build_fragment_context(page, columns))
    banner = build_table_banner(page.products, person, now)
    context = {
        "page": page,
        "table": page.table,
        "path": (row.database.catalog.short_name, row.database.name, row.name),
        "tags": sorted(row.tags.items()),
        "classification_shares": build_classification_shares(page.table.classification_counts),
        **columns,
        **build_readers_context(page.holders, row.database.catalog.account.name, now),
        "row_policies": _build_table_row_policies(person, row),
        "grant": find_own_grants(held, [row]).get(row.pk),
        "request_note": find_request_notes(person, [row.pk], now).get(row.pk),
        "may_explain": not page.table.is_gone and may_explain_some(person, row),
        "history": [build_history_entry(change, person) for change in page.schema_changes],
        "successor": successor,
        "request_verdict": may_request_table(person, row, page.products),
        "shows_storage": not person.is_external,
        "banner": banner,
        "takes_requests": takes_requests(banner),
        "may_change_tags": not page.table.is_gone and may_change_tags(person, page.domain),
        "table_problems": build_table_problems(row, page.products, now),
        "report_product": next((one for one in page.products if one.retired_at is None), None),
        "lineage": build_table_lineage_view(person, row),
        "quality": build_quality_view([row.pk], now),
        "usage": build_table_usage(person, row, page.products, now),
        "sample": build_sample_view(person, row, now),
        "profile": build_profile_view(person, row, now),
        "table_freshness": build_table_freshness(row, page.products, now),
        "may_request_writing": not page.table.is_gone and can_request_writing(person, row),
    }
    return render(request, "portal/products/table.html", context)


def _build_fragment_context(page: TablePage, columns: dict[str, object]) -> dict[str, object]:
    """For a page of columns alone, on the page of the table or of a product."""
    products = (one for one in page.products if one.retired_at is None)
    label = _("Columns of %(name)s") % {"name": page.table.name}
    more = {"label": label, "anchor": "column-", "report_product": next(products, None), "table": page.table}
    return {**columns, **more}


def _build_columns_context(
    page: TablePage, own_grants: Sequence[Grant], query: ColumnQuery
) -> dict[str, object]:
    links = list(list_links_of_tables([page.table.row]))
    statistics = {figure.name: figure for figure in page.figures}
    readable = find_readable_columns(own_grants, page.table)
    shown = read_page_of_table(page.table, query)
    rows = shown.rows[:FIRST_COLUMNS] if shown.is_wide else shown.rows
    return {
        "columns": build_column_list(statistics, links, readable, shown),
        "figures": (figures := [statistics[row.name] for row in rows if row.name in statistics]),
        "figures_rest": len(statistics) - len(figures),
        "term_links": links,
        "own_query": choose_own_query(own_grants, [page.table.row]),
    }


def may_request_table(person: Person, table: Table, products: Sequence[DataProduct]) -> Verdict:
    """Unless no domain answers for it, the person may request none of its products, or has no role to receive access."""
    if table.database.domain_id is None:
        return refusal(NO_DOMAIN_MESSAGE % {"table": table})
    refusals = find_request_refusals(person, products)
    verdict = find_common_refusal([refusals.get(one.pk, ALLOWED) for one in products])
    return may_receive_access(person) if verdict else verdict


def _render_retired(request: HttpRequest, person: Person, slug: str) -> HttpResponse:
    """What became of a retired product. NotFoundError."""
    deprecation = find_retired_product(person, slug)
    if deprecation is None:
        raise NotFoundError
    context = {
        "product": deprecation.product,
        "deprecation": deprecation,
        "successor": find_shown_successors(person, [deprecation]).get(deprecation.product_id),
        "may_edit": bool(may_save_product_draft(person, deprecation.product)),
    }
    return render(request, "portal/product_lifecycle/retired.html", context)


@dataclass(frozen=True)
class TableRowPolicies:
    """`text` says what is known of rows beside grants; `attachments` are shown to those who may see who reads the table."""

    text: str
    attachments: Sequence[RowPolicyAttachment] = ()


def _build_table_row_policies(person: Person, table: Table) -> TableRowPolicies | None:
    """None where a reading found none, or nothing was read yet. One query, those of `may_explain_any`, and of `column_facts` where
    policies are attached to LF-Tags.
    """
    read = load_row_policies(table.database.catalog)
    policies = read.with_default(table.database.name, table.name, table.default_row_policy)
    by_tags = any(attachment.tags is not None for attachment in policies.attachments)
    tags = build_table_tags(table, table.column_facts) if by_tags else [table.tags]
    on_table = policies.list_on_table(table.database.name, table.name, tags)
    if on_table:
        text = _(
            "Row-level security policies narrow or widen the rows that grants show. Which rows a grant shows is not known."
        )
        return TableRowPolicies(text, on_table if may_explain_any(person, table) else ())
    if policies.is_refused:
        return TableRowPolicies(
            _(
                "Whether row-level security policies narrow or widen the rows is not known: AWS did not list them."
            )
        )
    return None


# Caches the content of a product's page until something that it shows changes, for a minute at most. The key
# is all that the content depends on: the person, the product, the language, the state of the data, which each
# request reads, and the minute, because ages count from now. See ADR 83.
@dataclass(frozen=True)
class ProductContent:
    """`html` has CSRF_PLACEHOLDER where its forms need a token. `is_maintained`: by the person."""

    title: str
    html: str
    is_maintained: bool


class _Key(NamedTuple):
    person: int
    slug: str
    tab: ProductTab
    language: str | None
    timezone: str
    version: PageVersion


def clear_cache() -> None:
    """For tests, whose changes are rolled back."""
    _get_content.cache_clear()


def get_product_content(person: Person, slug: str, tab: ProductTab = ProductTab.OVERVIEW) -> ProductContent:
    """NotFoundError for what the person may not see and what is retired. One query if it is cached."""
    version = get_page_counts(person).page_version
    key = _Key(person.pk, slug, tab, get_language(), get_current_timezone_name(), version)
    return _get_content(key, person)


@cached(TTLCache(MAX_CACHED, SECONDS_CACHED), key=lambda key, _person: key, lock=Lock())
def _get_content(key: _Key, person: Person) -> ProductContent:
    return read_product_content(person, key.slug, key.tab)


@prepared_reads()
def read_product_content(person: Person, slug: str, tab: ProductTab = ProductTab.OVERVIEW) -> ProductContent:
    """What `get_product_content` caches: the overview, or what surrounds the panels of another tab. NotFoundError."""
    page = build_product_page(person, slug)
    if page.row.retired_at is not None:
        raise NotFoundError
    return _build_product_content(_build_content_context(read_product(person, page, clock.now()), tab))


def _build_content_context(reading: ProductReading, tab: ProductTab) -> dict[str, Any]:
    frame = build_frame_context(reading, tab)
    return {**frame, **build_overview_context(reading)} if tab is ProductTab.OVERVIEW else frame


def _build_product_content(context: Mapping[str, Any]) -> ProductContent:
    values = {**context, "csrf_token": CSRF_PLACEHOLDER, "panel": PANEL_PLACEHOLDER}
    html = render_to_string("portal/products/_product.html", values)
    title = build_title(context["tab"], context["product"].name)
    return ProductContent(title, html, context["is_maintained"])


def _render_product_content(
    request: HttpRequest, content: ProductContent, panel: str = "", *, status: int = OK
) -> HttpResponse:
    place_page(request, "my-products" if content.is_maintained else "search")
    html = content.html.replace(CSRF_PLACEHOLDER, get_token(request)).replace(PANEL_PLACEHOLDER, panel)
    context = {"title": content.title, "content": mark_safe(html)}  # noqa: S308 - a rendered template
    return render(request, "portal/products/product.html", context, status=status)
