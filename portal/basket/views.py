"""The basket: view, add, remove, save and submit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.browse.products import ProductPage, build_product_page
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import list_accepted_terms
from identity.people.models import Person, Team
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.partials import is_fragment_request, render_page_or_fragment
from portal.pages.post_fields import get_action
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import FORM_FIELDS, RequestForm, get_default_values
from portal.request_form.initial_values import (
    EARLIER_PURPOSE,
    build_end_date_context,
    get_last_recipient_key,
)
from portal.request_form.offer import parse_accepted_terms
from portal.request_form.preview import build_request_draft
from portal.request_form.required_information import (
    get_changed_required_fields,
    get_required_fields,
    parse_provided_information,
)
from requests_app.access_requests.queries import list_earlier_purposes
from requests_app.errors import ItemsRefusedError
from requests_app.policy_engine.request_texts import get_texts, parse_texts
from requests_app.policy_engine.rules import RequiredInformation, merge_required_information
from requests_app.review.decision_history import describe_decision_time
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import (
    build_requested_item,
    collect_tables,
    get_basket,
    get_own_team,
    list_basket_items,
    list_basket_teams,
    list_requesting_teams,
    remove_from_basket,
    save_basket_form,
)
from requests_app.submission.basket_summary import BasketRow, build_basket_rows
from requests_app.submission.offer_checks import get_offer_end
from requests_app.submission.preview import RequestDraft, RequestPreview, preview_items
from requests_app.targets.recipients import Recipient, get_recipient_key, list_recipients

ITEM_FIELDS = {"items", "row_filter", "columns", "use", "offer"}


class BasketForm(RequestForm):
    """`version` is that of the basket that the page showed."""

    hidden_field_names = frozenset({"version"})

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)


@require_GET
def redirect_to_basket(request: HttpRequest) -> HttpResponse:
    """Redirect to a basket with items, else to the basket of the team used last."""
    person = get_signed_in_person(request)
    teams = (*list_basket_teams(person), *list_requesting_teams(person))
    if teams:
        return redirect("basket", teams[0].slug)
    return render(request, "portal/basket/basket.html", {"teams": (), "team": None})


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def basket(request: HttpRequest, slug: str) -> HttpResponse:
    """POST: `remove` removes a table, `do=keep` saves the form, anything else submits."""
    person = get_signed_in_person(request)
    team = get_own_team(person, slug)
    if request.method == "GET":
        return _render_page(request, team, _build_form(person, team))
    action, said = get_action(request, "keep", "send"), request.POST.copy()
    if EARLIER_PURPOSE in said:
        action, said["purpose"] = "keep", request.POST[EARLIER_PURPOSE]
    form = BasketForm(said, recipients=_list_team_recipients(person, team))
    form.is_valid()
    values = form.cleaned_data
    reader: Recipient | None = values.get("principal")
    save_basket_form(
        person=person,
        team=team,
        texts=parse_texts(values),
        ends_on=values.get("ends_on"),
        recipient=reader,
    )
    if "remove" in request.POST:
        return _remove_table(request, team)
    if action == "keep":
        # Htmx receives the tables for the selected recipient and end date.
        if is_fragment_request(request):
            return _render_page(request, team, _build_form(get_signed_in_person(request), team))
        messages.success(request, _("Saved. It stays here until you send it."))
        return redirect("basket", team.slug)
    problems: dict[int, str] = {}
    if form.is_valid():
        try:
            return _submit_valid_form(request, form)
        except RefusedError as error:
            problems = _add_refusal(request, team, form, error)
        except ForbiddenError as error:
            form.add_error(None, str(error))
    return _render_page(request, team, form, problems, status=422)


@require_POST
@return_404_if_hidden
def add_product_to_basket(request: HttpRequest, slug: str) -> HttpResponse:
    """Add all tables of a product; columns are chosen in the basket. Tables already in the basket are unchanged."""
    person = get_signed_in_person(request)
    page, teams = build_product_page(person, slug), list_requesting_teams(person)
    if not teams:
        messages.error(request, _("Access is granted to a role, and your teams have no role yet."))
        return redirect("data-product", slug)
    try:
        added = _add_tables(person, teams[0], page)
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect("data-product", slug)
    if added:
        words = ngettext(
            "%(n)d table was added. Choose its columns before you send the request.",
            "%(n)d tables were added. Choose their columns before you send the request.",
            added,
        )
        messages.success(request, words % {"n": added})
    else:
        messages.info(request, _("Nothing was added: these tables are in your basket already."))
    return redirect("basket", teams[0].slug)


def _add_tables(person: Person, team: Team, page: ProductPage) -> int:
    kept = {item.table_id for item in list_basket_items(person, team)}
    tables: dict[int, int | None] = {
        table.pk: page.row.pk for table in page.tables if not table.is_gone and table.pk not in kept
    }
    if tables:
        collect_tables(person=person, team=team, tables=tables, now=clock.now())
    return len(tables)


def _list_team_recipients(person: Person, team: Team) -> list[Recipient]:
    return [
        recipient for recipient in list_recipients(person) if recipient.principal.account.team_id == team.pk
    ]


def _build_form(person: Person, team: Team) -> BasketForm:
    """Saved values, else defaults."""
    kept, readers = get_basket(person, team), _list_team_recipients(person, team)
    values = get_default_values(
        readers, get_recipient_key(kept) or get_last_recipient_key(person), clock.now()
    )
    values |= {**get_texts(kept), "ends_on": kept.ends_on or values["ends_on"]}
    return BasketForm(recipients=readers, initial=values)


def _remove_table(request: HttpRequest, team: Team) -> HttpResponse:
    person, said = get_signed_in_person(request), request.POST["remove"]
    gone = [item.table_id for item in list_basket_items(person, team) if str(item.table_id) == said]
    remove_from_basket(person=person, team=team, tables=gone)
    return redirect("basket", team.slug)


def _submit_valid_form(request: HttpRequest, form: BasketForm) -> HttpResponse:
    sent = submit_basket(
        acting_user=get_signed_in_person(request),
        details=form.cleaned_data["principal"].build_details(form.cleaned_data, form.ends_at),
        basket_version=form.cleaned_data["version"],
        now=get_request_time(request),
        accepted_term_ids=parse_accepted_terms(request),
        provided=parse_provided_information(request.POST),
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


def _add_refusal(request: HttpRequest, team: Team, form: BasketForm, error: RefusedError) -> dict[int, str]:
    """Errors by table id; other errors are added to the form."""
    if isinstance(error, ItemsRefusedError):
        form.add_error(None, _("Nothing was sent. See below what is wrong with each table."))
        return error.by_table
    items = list_basket_items(get_signed_in_person(request), team)
    if error.field in ITEM_FIELDS and len(items) == 1:
        form.add_error(None, error.message)
        return {items[0].table_id: error.message}
    form.add_refusal(error, FORM_FIELDS.get(error.field))
    return {}


def _render_page(
    request: HttpRequest,
    team: Team,
    form: BasketForm,
    problems: dict[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    shown = _build_basket_summary(person, team, form, problems or {}, now)
    demands = get_required_fields(request, person, form, shown.required_information)
    context = {
        "team": team,
        "teams": list_requesting_teams(person),
        "summary": shown,
        "form": form,
        "required_fields": demands,
        "changed_required_fields": get_changed_required_fields(request, demands),
        "is_fragment": is_fragment_request(request),
        "recipients": form.recipients,
        "earlier_purposes": () if is_fragment_request(request) else list_earlier_purposes(person),
        **build_end_date_context(now),
    }
    response = render_page_or_fragment(request, "portal/basket/basket.html", "items", context)
    response.status_code = status
    return response


@dataclass(frozen=True)
class BasketItemRow:
    """`preview`: what would become of it, None if it cannot be requested; `ends_at`: if it ends before the
    rest, because its offer counts by the hour.
    """

    entry: BasketRow
    expected_wait: str
    preview: RequestPreview | None
    ends_at: datetime | None

    @property
    def needs_decision(self) -> bool:
        """Whether a person has to decide on it."""
        return (
            self.entry.is_visible
            and self.entry.item.is_chosen
            and not self.entry.coverage
            and not (self.preview and self.preview.is_immediate)
        )


@dataclass(frozen=True)
class BasketSummary:
    """`requested_count` tables would be requested, `unchosen_count` are not, as nothing of them is chosen; `deciding_teams` would decide on them.
    `terms_to_accept` are offer versions whose terms of use the person has yet to accept.
    """

    version: int
    rows: tuple[BasketItemRow, ...]
    requested_count: int
    unchosen_count: int
    deciding_teams: tuple[str, ...]
    terms_to_accept: tuple[OfferVersion, ...]
    required_information: RequiredInformation


def _build_basket_summary(
    person: Person, team: Team, form: BasketForm, problems: Mapping[int, str], now: datetime
) -> BasketSummary:
    """For the recipient and end date of the form."""
    kept, words = get_basket(person, team), build_request_draft(person, form, None, now)
    rows = build_basket_rows(
        person,
        team,
        principal=words.principal if words else None,
        ends_at=words.ends_at if words else None,
        problems=problems,
    )
    asked = [row for row in rows if not row.coverage and row.item.is_chosen]
    stands = [row for row in asked if not row.problem]
    ahead = (
        preview_items(words, [build_requested_item(row.item) for row in stands]) if words and stands else {}
    )
    shown = tuple(
        BasketItemRow(
            row,
            describe_decision_time(row.expected_wait),
            ahead.get(row.item.table_id),
            _get_earlier_end(row, words),
        )
        for row in rows
    )
    teams = {one.entry.domain.owner_team.name for one in shown if one.entry.domain and one.needs_decision}
    by_terms = {
        row.item.offer.terms_id: row.item.offer for row in asked if row.item.offer and row.item.offer.terms
    }
    known = list_accepted_terms(person, by_terms.values()) if by_terms else frozenset()
    terms_to_accept = tuple(version for terms, version in by_terms.items() if terms not in known)
    return BasketSummary(
        version=kept.version,
        rows=shown,
        requested_count=len(asked),
        unchosen_count=sum(not row.item.is_chosen for row in rows),
        deciding_teams=tuple(sorted(teams)),
        terms_to_accept=terms_to_accept,
        required_information=merge_required_information(one.required_information for one in ahead.values()),
    )


def _get_earlier_end(row: BasketRow, words: RequestDraft | None) -> datetime | None:
    if words is None:
        return None
    ends_at = get_offer_end(row.item.offer, words.ends_at, words.now)
    return ends_at if ends_at < words.ends_at else None
