"""The tabs of a data product's page beside its overview."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog.browse.products import build_product_page
from catalog.derivation.evaluation import Subject, read_inputs
from catalog.freshness import build_product_freshness
from catalog.mirror.models import load_column_facts
from catalog.product_usage.product_report import PERIOD_DAYS, get_usage_extent
from catalog.products.models import DataProduct
from catalog.quality.queries import find_scores
from catalog.questions import ask_question, list_product_questions, may_ask_question
from catalog.release_notes import list_release_notes, may_write_release_note
from catalog.revisions.queries import list_published_revisions, may_save_product_draft
from catalog.usage.models import get_trail_readings
from catalog.usage.recording import list_person_reads
from identity.people.models import Person
from kernel.sql import prepared_reads
from kernel.verdicts import ALLOWED
from portal.derivation.presenters import build_derivation_section
from portal.freshness.presenters import build_freshness_view
from portal.lineage.views import build_lineage_context
from portal.mesh.combine import build_combinations
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import run_decision
from portal.pages.own_requests import find_request_notes
from portal.pages.pagination import build_pager
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_lifecycle.presenters import build_banner, takes_requests
from portal.products.changes import build_change_entries
from portal.products.columns import ColumnOrder, build_column_lists, list_proven_grants
from portal.products.details import list_service_levels
from portal.products.discussion import list_shown_problems
from portal.products.product_context import may_change_tags
from portal.products.tabs import ProductTab
from portal.products.usage_examples import build_usage_examples
from portal.products.version_comparison import build_version_comparison
from portal.products.views import OK, render_product_tab
from portal.promises.presenters import build_promise_context
from portal.quality.presenters import LONG_TREND, build_quality_view, format_percent
from portal.questions.views import QuestionForm
from portal.usage.parameters import read_period
from portal.usage.presenters import build_usage_panel
from portal.usage.views import list_product_tables
from requests_app.grants.queries import find_own_grants, list_held_grants, select_queryable_grants
from requests_app.targets.may import may_receive_access

UNPROCESSABLE = 422
MAX_PERSONS, MAX_SOUGHT = 50, 255
QUESTIONS_PER_PAGE = 25
ORDER_LABELS = {
    ColumnOrder.POSITION: gettext_lazy("In the order of the table"),
    ColumnOrder.NAME: gettext_lazy("Sorted by name"),
    ColumnOrder.TYPE: gettext_lazy("Sorted by type"),
    ColumnOrder.CLASSIFICATION: gettext_lazy("The most sensitive first"),
}


@require_GET
@return_404_if_hidden
@prepared_reads()
def columns(request: HttpRequest, slug: str) -> HttpResponse:
    """All tables with their columns. `q` is sought in names and descriptions, `sort` orders them."""
    sought = request.GET.get("q", "").replace("\0", "").strip()[:MAX_SOUGHT]
    sort = request.GET.get("sort", "")
    order = ColumnOrder(sort) if sort in set(ColumnOrder) else ColumnOrder.POSITION

    def panel(person: Person, product: DataProduct) -> tuple[str, dict[str, Any]]:
        now = get_request_time(request)
        page = build_product_page(person, slug)
        rows = [table.row for table in page.tables]
        held = list(list_held_grants(person, rows))
        own_grants = select_queryable_grants(held, now)
        load_column_facts(row for row in rows if list_proven_grants(own_grants, row))
        problems = list_shown_problems(product, now)
        lists = build_column_lists(page.tables, own_grants, problems=problems, sought=sought, order=order)
        grants, notes = find_own_grants(held, rows), find_request_notes(person, [row.pk for row in rows], now)
        verdict = ALLOWED if held or notes else may_receive_access(person)
        return "portal/products/tabs/columns.html", {
            "product": product,
            "tables": [
                (table, lists[table.pk], grants.get(table.pk), notes.get(table.pk)) for table in page.tables
            ],
            "sought": sought,
            "order": order,
            "orders": ORDER_LABELS.items(),
            "found": sum(columns.page.matching for columns in lists.values()),
            "total": sum(columns.page.total for columns in lists.values()),
            "request_verdict": verdict,
            "takes_requests": takes_requests(build_banner(product, person, now)),
            "may_change_tags": may_change_tags(person, product.domain),
        }

    return render_product_tab(request, slug, ProductTab.COLUMNS, panel)


@require_GET
@return_404_if_hidden
def quality(request: HttpRequest, slug: str) -> HttpResponse:
    """Quality, freshness, and whether what is promised is kept."""

    def panel(person: Person, product: DataProduct) -> tuple[str, dict[str, Any]]:
        now, tables = get_request_time(request), list_product_tables(product)
        ids = [table.pk for table in tables if table.tombstoned_at is None]
        view = build_quality_view(
            ids,
            now,
            promised=product.quality_percent,
            promised_completeness=product.completeness_percent,
            days=LONG_TREND,
        )
        freshness = build_product_freshness(product, tables, now)
        scores = find_scores(ids)
        may_edit = bool(may_save_product_draft(person, product))
        return "portal/products/tabs/quality.html", {
            "view": view,
            "freshness": build_freshness_view(product, freshness, now, shows_trouble=may_edit)
            if tables
            else None,
            "service_levels": list_service_levels(product, view, freshness),
            "scores": [
                (table, score, format_percent(score.percent) if score else "")
                for table in tables
                if table.tombstoned_at is None
                for score in [scores.get(table.pk)]
            ],
            **build_promise_context(product),
        }

    return render_product_tab(request, slug, ProductTab.QUALITY, panel)


@require_GET
@return_404_if_hidden
def lineage(request: HttpRequest, slug: str) -> HttpResponse:
    """The lineage of one of its tables: the first, or `table`."""

    def panel(person: Person, product: DataProduct) -> tuple[str, dict[str, Any]]:
        tables = list_product_tables(product)
        chosen = next((table for table in tables if str(table.pk) == request.GET.get("table")), None)
        chosen = chosen or (tables[0] if tables else None)
        subject = Subject(product, tuple(table.pk for table in tables), tuple(read_inputs(product)))
        return "portal/products/tabs/lineage.html", {
            "product": product,
            "tables": tables,
            "table": chosen,
            "derivation": build_derivation_section(person, subject, get_request_time(request)),
            **(build_lineage_context(request, person, chosen) if chosen else {}),
        }

    return render_product_tab(request, slug, ProductTab.LINEAGE, panel)


@require_GET
@return_404_if_hidden
def usage(request: HttpRequest, slug: str) -> HttpResponse:
    """How to use it, who does, and what it can be combined with."""

    def panel(person: Person, product: DataProduct) -> tuple[str, dict[str, Any]]:
        now = get_request_time(request)
        page = build_product_page(person, slug)
        rows = [table.row for table in page.tables]
        extent, period = get_usage_extent(person, product), read_period(request.GET, now.date())
        readings = get_trail_readings({row.database.catalog_id for row in rows})
        own_grants = select_queryable_grants(list(list_held_grants(person, rows)), now)
        return "portal/products/tabs/usage.html", {
            "product": product,
            "usage": build_usage_panel(person, rows, extent, readings, period),
            "persons": list_person_reads(rows)[:MAX_PERSONS] if extent.names_teams else None,
            "period": period,
            "periods": PERIOD_DAYS,
            "examples": build_usage_examples(product, page.tables, own_grants),
            "combinations": build_combinations(person, product, own_grants, now),
            "recipient_verdict": ALLOWED if page.has_access else may_receive_access(person),
        }

    return render_product_tab(request, slug, ProductTab.USAGE, panel)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def discussion(request: HttpRequest, slug: str) -> HttpResponse:
    """POST asks a question; the overview sends its form here."""
    person, now = get_signed_in_person(request), get_request_time(request)
    form = QuestionForm(request.POST or None)

    def ask() -> None:
        text = form.cleaned_data["text"].replace("\r\n", "\n")
        ask_question(acting_user=person, slug=slug, text=text, now=now)

    if form.is_bound and run_decision(form, ask):
        messages.success(request, _("Asked. The data owners are notified."))
        return redirect("data-product-questions", slug)

    def panel(person: Person, product: DataProduct) -> tuple[str, dict[str, Any]]:
        listed = list_product_questions(person, product)
        page = Paginator(listed, QUESTIONS_PER_PAGE).get_page(request.GET.get("page"))
        return "portal/products/tabs/discussion.html", {
            "product": product,
            "questions": page,
            "problems": list_shown_problems(product, now),
            "form": form,
            "may_ask": bool(may_ask_question(person, product)),
            "pager": build_pager(page),
        }

    status = UNPROCESSABLE if form.is_bound else OK
    return render_product_tab(request, slug, ProductTab.DISCUSSION, panel, status=status)


@require_GET
@return_404_if_hidden
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Its versions and release notes; of `from` and `to`, two versions, what differs."""

    def panel(person: Person, product: DataProduct) -> tuple[str, dict[str, Any]]:
        may_write = bool(may_write_release_note(person, product))
        revisions = list_published_revisions(product)
        notes = list_release_notes(person).filter(product=product)
        return "portal/products/tabs/history.html", {
            "product": product,
            "entries": build_change_entries(revisions, notes, counts_notified=may_write),
            "comparison": build_version_comparison(person, revisions, request.GET),
        }

    return render_product_tab(request, slug, ProductTab.HISTORY, panel)
