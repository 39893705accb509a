"""Asking for access to a table: three fields, most of them filled in; nothing typed is ever lost."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit import clock
from catalog.browse.tables import TablePage, table_page
from catalog.mirror.models import Classification, Column
from catalog.products.models import Domain
from catalog.products.offers.models import OfferVersion
from identity.errors import ForbiddenError, RefusedError
from portal.offers.presenters import offers_shown
from portal.pages.durations import in_words
from portal.pages.post_fields import action_in
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import id_in
from portal.pages.signed_in import person_of
from portal.request_form.defaults import Prefilled, days_to_choose, prefilled
from portal.request_form.demands import demands_in, said_in
from portal.request_form.forecast import answer_ahead, forecast_of
from portal.request_form.form_values import Asked
from portal.request_form.forms import FIELD_OF, AskForm, Extent, usual_ends
from portal.request_form.offer import (
    accepted_in,
    chosen_end,
    chosen_rows,
    closed_columns,
    now_in_force,
    started_under,
    under_offer,
    version_named,
)
from requests_app.grants.coverage import describe_waiting_for
from requests_app.review.summary import compute_expected_wait
from requests_app.submission.actions import submit_request
from requests_app.submission.basket import add_to_basket, get_basket, remove_from_basket, save_basket_form
from requests_app.targets.recipients import list_recipients


@dataclass(frozen=True)
class ColumnChoice:
    column: Column
    is_picked: bool


def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """`do=basket` puts the table into the basket, anything else asks for it; `extends` names a live grant, `offer`
    the version of an offer.
    """
    person, now = person_of(request), clock.now()
    page = table_page(person, pk)
    start = prefilled(person, page, request.GET.get("extends", ""), now)
    bound = request.method == "POST"
    version = _version(request, start)
    if version and not bound:
        start = started_under(start, version, page, now)
    if start.ended and not bound:
        messages.info(request, _("That access has ended in the meantime. You are requesting it again."))
    form = AskForm(request.POST if bound else None, readers=list_recipients(person), initial=start.values)
    picked = request.POST.getlist("columns") if bound else list(start.columns)
    asked_for = Asked(page, tuple(picked), version, _rows(request, form, version))
    if bound:
        done = _collected if action_in(request, "ask", "basket") == "basket" else _submitted
        if answer := done(request, form, asked_for):
            return answer
    context = _context(page, form, picked, now) | _started(start) | _offers(request, asked_for)
    ahead_of_it = forecast_of(person, form, asked_for, now)
    context["forecast"] = ahead_of_it.sentence
    context["demands"] = demands_in(request, person, form, ahead_of_it.demands)
    return render(request, "portal/request_form/table.html", context, status=422 if bound else 200)


def _version(request: HttpRequest, start: Prefilled) -> OfferVersion | None:
    """As sent; else the one in force of the offer that is named, or under which it was asked before."""
    person = person_of(request)
    if request.method == "POST":
        return version_named(person, request.POST.get("offer", ""))
    named = version_named(person, request.GET.get("offer", str(start.values.get("offer") or "")))
    version = now_in_force(person, named) if named else None
    if named and version != named:
        changed = _("The offer has changed. This is the current version.")
        messages.info(
            request, changed if version else _("The offer is retired. You can request access without it.")
        )
    return version


@require_POST
@hides_what_is_not_yours
def preview(request: HttpRequest) -> HttpResponse:
    """`table` in the query. The fragment that says what will happen to what the form holds, with what rules then demand where that is not
    what the form shows. Nothing is written.
    """
    person = person_of(request)
    page = table_page(person, id_in(request.GET.get("table", "")) or 0)
    version = version_named(person, request.POST.get("offer", ""))
    form = AskForm(request.POST, readers=list_recipients(person))
    picked = tuple(request.POST.getlist("columns"))
    asked_for = Asked(page, picked, version, _rows(request, form, version))
    return answer_ahead(request, form, forecast_of(person, form, asked_for, clock.now()))


def _submitted(request: HttpRequest, form: AskForm, asked_for: Asked) -> HttpResponse | None:
    """On to the request; None when the form says what is wrong."""
    if not form.is_valid():
        return None
    person, reader = person_of(request), form.cleaned_data["principal"]
    team, now = reader.principal.account.team, clock.now()
    try:
        asked = submit_request(
            acting_user=person,
            team=team,
            principal=reader.principal,
            group=reader.group,
            purpose=form.cleaned_data["purpose"],
            ends_at=chosen_end(form, asked_for.version, now),
            items=[asked_for.item(form)],
            submission_key=form.cleaned_data["submission_key"],
            now=now,
            accepts=accepted_in(request),
            provided=said_in(request.POST),
        )
    except (RefusedError, ForbiddenError) as error:
        _say(form, error)
        return None
    remove_from_basket(person=person, team=team, tables=[asked_for.page.table.pk])
    messages.success(request, _("Request sent. You can follow it here."))
    return redirect("access-request", asked.pk)


def _collected(request: HttpRequest, form: AskForm, asked_for: Asked) -> HttpResponse | None:
    """On to the basket, which keeps what was typed, too; None when the form says what is wrong."""
    form.for_the_basket()
    if not form.is_valid():
        return None
    person, said, version = person_of(request), form.cleaned_data, asked_for.version
    reader = said["principal"]
    team = reader.principal.account.team
    try:
        add_to_basket(person=person, team=team, asks=[asked_for.item(form)], now=clock.now())
    except RefusedError as error:
        _say(form, error)
        return None
    save_basket_form(
        person=person,
        team=team,
        purpose=said["purpose"] or get_basket(person, team).purpose,
        ends_on=said["ends_on"],
        principal=reader.principal,
        group=reader.group,
    )
    if said["hours"] and version and said["hours"] < version.longest_hours:
        messages.info(
            request,
            _(
                "In the basket, an offer by the hour always gets its full duration. To request fewer hours, send the request from here."
            ),
        )
    messages.success(request, _("Added to your basket. Add more tables, or send the request."))
    return redirect("basket", team.slug)


def _say(form: AskForm, error: RefusedError | ForbiddenError) -> None:
    if isinstance(error, ForbiddenError):
        form.add_error(None, str(error))
        return
    form.refuse(error, FIELD_OF.get(error.field))


def _rows(request: HttpRequest, form: AskForm, version: OfferVersion | None) -> Mapping[str, Sequence[str]]:
    """Values chosen of the offer's rows, by name."""
    if version is None:
        return {}
    rows: Mapping[str, Sequence[str]] = form.initial.get("rows", {})
    return chosen_rows(version, request.POST) if form.is_bound else rows


def _offers(request: HttpRequest, asked_for: Asked) -> dict[str, object]:
    """The offer under which it is asked; else those under which the table could be."""
    page, version = asked_for.page, asked_for.version
    if version is None:
        every = (one for product in page.products for one in offers_shown(product, [page.table.row]))
        return {"offered": [one for one in every if one.asks]}
    closed = closed_columns(version, page)
    under = under_offer(person_of(request), version, clock.now(), closed=closed, chosen=asked_for.rows)
    sooner = [one for one in usual_ends(clock.now()) if one[0] <= under.last_day]
    open_ones = [column for column in page.table.columns if column.name not in closed]
    has_sensitive = any(column.classification == Classification.SENSITIVE for column in open_ones)
    return {"under": under, "last_day": under.last_day, "ends": sooner, "has_sensitive": has_sensitive}


def _context(page: TablePage, form: AskForm, picked: Collection[str], now: datetime) -> dict[str, object]:
    chosen = set(picked)
    columns = [ColumnChoice(column, column.name in chosen) for column in page.table.columns]
    sensitive = [c for c in columns if c.column.classification == Classification.SENSITIVE]
    whole = form.chosen_extent == Extent.WHOLE
    domain = _domain(page)
    return {
        "page": page,
        "table": page.table,
        "form": form,
        "extent": form.chosen_extent,
        "columns": columns,
        "picked": sum(choice.is_picked for choice in columns),
        "has_sensitive": bool(sensitive),
        "sensitive_picked": bool(sensitive) and (whole or any(c.is_picked for c in sensitive)),
        "readers": form.readers,
        **days_to_choose(now),
        "elsewhere": _elsewhere(page, form),
        "waiting": describe_waiting_for({one.principal.pk for one in form.readers}, page.table.pk),
        "domain": domain,
        "wait": in_words(compute_expected_wait(domain)),
    }


def _elsewhere(page: TablePage, form: AskForm) -> bool:
    """Whether a role that may be chosen lies in another region than the table. No copy elsewhere is known of."""
    region = page.table.row.database.catalog.region
    return any(one.principal.account.region != region for one in form.readers)


def _domain(page: TablePage) -> Domain | None:
    """Who decides: the database's domain, else the product's (`requests_app.access_requests.may.get_item_domain`)."""
    return page.domain or (page.products[0].domain if page.products else None)


def _started(start: Prefilled) -> dict[str, object]:
    return {"in_basket": start.in_basket, "extends": start.extends}
