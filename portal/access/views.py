"""Own access, access to a product, query examples, and revoking."""

from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from catalog.browse.products import get_product
from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from kernel.queries import limit_rows
from portal.access.bulk_revoke_views import RevokeForm
from portal.access.lists import ProductGrantList
from portal.access.presenters import add_approvers, build_grant_rows
from portal.access.query_examples import WORKGROUP, build_query_examples, build_query_names, get_athena_url
from portal.charts.chart import Chart, ChartKind, Series
from portal.charts.period_names import describe_axis, list_period_names
from portal.lists.page import render_list
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.partials import is_fragment_request
from portal.pages.places import place_access_page, place_product_page
from portal.pages.post_fields import get_next_url
from portal.pages.reading_notes import describe_reading_age, list_reading_notes
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_lifecycle.presenters import build_banner
from requests_app.grants.actions import revoke_grant
from requests_app.grants.end_dates import has_ended
from requests_app.grants.grant_history import count_active_grants
from requests_app.grants.may import may_view_holders
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths
from requests_app.grants.queries import (
    get_grant,
    list_own_grants,
    list_product_grants,
)
from requests_app.grants.reach import filter_covered_tables
from requests_app.grants.usage import annotate_last_use
from requests_app.statistics.counts import count_by_period
from requests_app.statistics.periods import Interval, build_periods

MAX_TABLES = 200
"""Tables to choose from on the page of a query; the page of any other table leads to its own."""


@require_GET
@return_404_if_hidden
def product_access(request: HttpRequest, slug: str) -> HttpResponse:
    """The grants on a product that the person may see; to htmx the list alone, or nothing when nothing has changed."""
    person, now = get_signed_in_person(request), get_request_time(request)
    product = get_product(person, slug)
    place_product_page(request, person, product)
    context = {
        "product": product,
        "reading_notes": list_reading_notes(product, now) if may_view_holders(person, product) else [],
        "banner": build_banner(product, person, now),
        "charts": []
        if is_fragment_request(request)
        else _build_access_charts(list_product_grants(person, product), now),
    }
    return render_list(request, ProductGrantList, context, product=product)


@require_GET
@return_404_if_hidden
def query_examples(request: HttpRequest, pk: int) -> HttpResponse:
    """How to query what a live grant of one's own teams gives; 404 for any other, and for one to an account as a whole.
    Of what reaches many tables (LF-Tags, a database), `table` chooses one: the first by default.
    """
    person, now = get_signed_in_person(request), get_request_time(request)
    grant = get_grant(person, pk)
    theirs = list_own_grants(person).filter(pk=pk).exists()
    if not theirs or has_ended(grant, now) or grant.principal.is_account:
        raise NotFoundError
    tables = filter_covered_tables(grant, visible_tables(person)).select_related("database__catalog__account")
    table = _choose_table(tables, request.GET.get("table", "")) or grant.item.table
    names = build_query_names(grant, table)
    context = {
        "row": add_approvers(build_grant_rows([grant], person, now))[0],
        "table": table,
        "tables": () if grant.item.target.is_single_table else limit_rows(tables, MAX_TABLES),
        "examples": build_query_examples(grant, table),
        "names": names,
        "athena_url": get_athena_url(names.region) if grant.item.target.shows_data else "",
        "workgroup": WORKGROUP,
    }
    return render(request, "portal/access/query_examples.html", context)


def _choose_table(tables: QuerySet[Table], chosen: str) -> Table | None:
    """The chosen one, else the first; NotFoundError for one that the grant does not reach."""
    if not chosen:
        return tables.first()
    found = tables.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
    if found is None:
        raise NotFoundError
    return found


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason and revoke; errors are shown on the page."""
    person = get_signed_in_person(request)
    grant = get_grant(person, pk)
    place_access_page(request, person, grant.item.request, grant.item.product)
    form = RevokeForm(request.POST or None)
    if form.is_bound and form.is_valid() and _revoke(request, form, grant):
        return redirect(_get_next_url(request, grant))
    now = get_request_time(request)
    context = {
        "row": build_grant_rows([grant], person, now)[0],
        "is_mine": grant.item.request.current_requester.pk == person.pk,
        "other_paths": list_other_paths(grant, now),
        "reading_note": describe_reading_age(grant.item.table.database.catalog, now),
        "form": form,
        "next_url": _get_next_url(request, grant),
    }
    return render(request, "portal/access/revoke.html", context, status=422 if form.is_bound else 200)


def _revoke(request: HttpRequest, form: RevokeForm, grant: Grant) -> bool:
    reason = form.cleaned_data["reason"]
    try:
        revoke_grant(
            acting_user=get_signed_in_person(request),
            grant_id=grant.pk,
            reason=reason,
            now=get_request_time(request),
        )
    except RefusedError as error:
        form.add_error("reason" if error.field == "reason" else None, error.message)
    except IllegalTransitionError:
        form.add_error(None, _("This access has already ended. Nothing was changed."))
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(
            request,
            _("Access revoked. The workers remove the permission from AWS now and verify that it is gone."),
        )
        return True
    return False


def _get_next_url(request: HttpRequest, grant: Grant) -> str:
    """The `next` of this site, else the request."""
    return get_next_url(request) or reverse("access-request", args=[grant.item.request_id])


def _build_access_charts(grants: QuerySet[Grant], now: datetime) -> list[Chart]:
    """Covers the last thirteen weeks; none without numbers. Four queries."""
    periods = build_periods(None, now, Interval.WEEK)
    active = count_active_grants(grants, periods)
    used = count_by_period(annotate_last_use(grants), "last_used", periods)
    charts = [
        Chart(
            "active-grants",
            _("Active grants"),
            ngettext("%(n)d grant is active now.", "%(n)d grants are active now.", active[-1])
            % {"n": active[-1]},
            describe_axis(periods.interval),
            list_period_names(periods),
            (Series(_("active"), active),),
            kind=ChartKind.LINE,
        ),
        Chart(
            "last-use",
            _("Grants by the week of their last use"),
            ngettext("%(n)d grant was used this week.", "%(n)d grants were used this week.", used[-1])
            % {"n": used[-1]},
            describe_axis(periods.interval),
            list_period_names(periods),
            (Series(_("last used"), used),),
        ),
    ]
    return [chart for chart in charts if not chart.is_empty]
