"""The basket: what was collected, who decides on each table, and one form that asks for all of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from catalog.browse.products import ProductPage, product_page
from identity.errors import ForbiddenError, RefusedError
from identity.people.models import Person, Team
from portal.basket.forms import BasketForm
from portal.basket.presenters import basket_shown
from portal.pages.partials import page_or_fragment, wants_fragment
from portal.pages.post_fields import action_in
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from portal.request_form.defaults import days_to_choose, last_reader, usual_columns
from portal.request_form.demands import demands_anew, demands_in, said_in
from portal.request_form.forms import FIELD_OF, first_values
from portal.request_form.offer import accepted_in
from requests_app.errors import ItemsRefusedError
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import (
    add_to_basket,
    get_basket,
    get_own_team,
    list_basket_items,
    list_basket_teams,
    list_requesting_teams,
    remove_from_basket,
    save_basket_form,
)
from requests_app.targets.recipients import Recipient, get_recipient_key, list_recipients
from requests_app.targets.requested_item import RequestedItem

ON_ITEMS = {"items", "row_rule", "columns", "use", "offer"}


@require_GET
def first(request: HttpRequest) -> HttpResponse:
    """To the basket with something in it, else to that of the team asked for last."""
    person = person_of(request)
    teams = (*list_basket_teams(person), *list_requesting_teams(person))
    if teams:
        return redirect("basket", teams[0].slug)
    return render(request, "portal/basket/basket.html", {})


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def basket(request: HttpRequest, slug: str) -> HttpResponse:
    """POST: `remove` takes a table out, `do=keep` keeps what was typed, anything else sends."""
    person = person_of(request)
    team = get_own_team(person, slug)
    if request.method == "GET":
        return _page(request, team, _form(person, team))
    action = action_in(request, "keep", "send")
    form = BasketForm(request.POST, readers=_readers(person, team))
    form.is_valid()
    _keep(person, team, form)
    if "remove" in request.POST:
        return _removed(request, team)
    if action == "keep":
        return _kept(request, team)
    return _sent(request, team, form)


@require_POST
@hides_what_is_not_yours
def collect(request: HttpRequest, slug: str) -> HttpResponse:
    """Put all tables of a product in, without their sensitive columns; what is in already stays as it is."""
    person = person_of(request)
    page, teams = product_page(person, slug), list_requesting_teams(person)
    if not teams:
        messages.error(request, _("Access is granted to a role, and your teams have no role yet."))
        return redirect("data-product", slug)
    try:
        added = _collect(person, teams[0], page)
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect("data-product", slug)
    words = ngettext("%(n)s table is in your basket.", "%(n)s tables are in your basket.", added)
    messages.success(request, words % {"n": added})
    return redirect("basket", teams[0].slug)


def _collect(person: Person, team: Team, page: ProductPage) -> int:
    kept = {item.table_id for item in list_basket_items(person, team)}
    asks = [
        RequestedItem(table.pk, usual_columns(table.columns), whole_table=False, product_id=page.row.pk)
        for table in page.tables
        if not table.is_gone and table.pk not in kept
    ]
    keys = {c.name for table in page.tables for c in table.columns if c.is_partition_key}
    open_ = [ask for ask in asks if set(ask.columns) - keys]
    if asks and not open_:
        raise RefusedError(_("Every column is sensitive. Select the columns you need on the table's page."))
    if open_:
        add_to_basket(person=person, team=team, asks=open_, now=clock.now())
    return len(open_)


def _readers(person: Person, team: Team) -> list[Recipient]:
    return [one for one in list_recipients(person) if one.principal.account.team_id == team.pk]


def _form(person: Person, team: Team) -> BasketForm:
    """As it was left, else what the portal can say for the person."""
    kept, readers = get_basket(person, team), _readers(person, team)
    values = first_values(readers, get_recipient_key(kept) or last_reader(person), clock.now())
    values |= {"purpose": kept.purpose, "ends_on": kept.ends_on or values["ends_on"]}
    return BasketForm(readers=readers, initial=values)


def _keep(person: Person, team: Team, form: BasketForm) -> None:
    said = form.cleaned_data
    reader: Recipient | None = said.get("principal")
    save_basket_form(
        person=person,
        team=team,
        purpose=said.get("purpose", ""),
        ends_on=said.get("ends_on"),
        principal=reader.principal if reader else None,
        group=reader.group if reader else None,
    )


def _removed(request: HttpRequest, team: Team) -> HttpResponse:
    person, said = person_of(request), request.POST["remove"]
    gone = [item.table_id for item in list_basket_items(person, team) if str(item.table_id) == said]
    remove_from_basket(person=person, team=team, tables=gone)
    return redirect("basket", team.slug)


def _kept(request: HttpRequest, team: Team) -> HttpResponse:
    """To htmx the tables as they stand for the role and the end that were chosen."""
    if wants_fragment(request):
        return _page(request, team, _form(person_of(request), team))
    messages.success(request, _("Saved. It stays here until you send it."))
    return redirect("basket", team.slug)


def _sent(request: HttpRequest, team: Team, form: BasketForm) -> HttpResponse:
    problems: dict[int, str] = {}
    if form.is_valid():
        try:
            return _submitted(request, team, form)
        except RefusedError as error:
            problems = _said(request, team, form, error)
        except ForbiddenError as error:
            form.add_error(None, str(error))
    return _page(request, team, form, problems, status=422)


def _submitted(request: HttpRequest, team: Team, form: BasketForm) -> HttpResponse:
    sent = submit_basket(
        acting_user=person_of(request),
        team=team,
        principal=form.cleaned_data["principal"].principal,
        group=form.cleaned_data["principal"].group,
        purpose=form.cleaned_data["purpose"],
        ends_at=form.ends_at,
        version=form.cleaned_data["version"],
        now=clock.now(),
        accepts=accepted_in(request),
        provided=said_in(request.POST),
    )
    if not sent.is_new:
        messages.info(request, _("This was already sent. What is in your basket now is not part of it."))
    else:
        messages.success(
            request,
            _("Request sent. Each data owner decides separately; you can follow everything on this page."),
        )
    for left_out in sent.left_out:
        messages.info(request, _("Not included, and still in your basket: %(why)s") % {"why": left_out})
    return redirect("access-request", sent.request.pk)


def _said(request: HttpRequest, team: Team, form: BasketForm, error: RefusedError) -> dict[int, str]:
    """Words for single tables, by table; all others stand at their field or above the form."""
    if isinstance(error, ItemsRefusedError):
        form.add_error(None, _("Nothing was sent. See below what is wrong with each table."))
        return error.by_table
    items = list_basket_items(person_of(request), team)
    if error.field in ON_ITEMS and len(items) == 1:
        form.add_error(None, error.message)
        return {items[0].table_id: error.message}
    form.refuse(error, FIELD_OF.get(error.field))
    return {}


def _page(
    request: HttpRequest,
    team: Team,
    form: BasketForm,
    problems: dict[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    person, now = person_of(request), clock.now()
    shown = basket_shown(person, team, form, problems or {}, now)
    demands = demands_in(request, person, form, shown.demands)
    context = {
        "team": team,
        "teams": list_requesting_teams(person),
        "shown": shown,
        "form": form,
        "demands": demands,
        "demands_anew": demands_anew(request, demands),
        "is_fragment": wants_fragment(request),
        "readers": form.readers,
        **days_to_choose(now),
    }
    response = page_or_fragment(request, "portal/basket/basket.html", "items", context)
    response.status_code = status
    return response
