"""Offers of a product, for its data owners: edit, preview, publish, retire."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.browse.products import get_product
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.actions import publish_offer_version, retire_offer, write_offer
from catalog.products.offers.bounds import rank_sensitivity
from catalog.products.offers.models import Offer, OfferScope, OfferState, OfferVersion
from catalog.products.offers.queries import (
    get_editable_version_by_number,
    list_editable_offers,
    list_offered_tables,
    list_offering_domains,
    may_publish_offer_version,
)
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from lakeformation.values.tag_expressions import TagExpression
from portal.offers.forms import OfferForm, get_initial_values
from portal.offers.presenters import build_offer_summary
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.places import place_product_page
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id, parse_ids
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.queries import list_offer_grants
from requests_app.targets.lf_tags import build_tags_target

FORM_FIELDS: dict[str, str | None] = {"longest_hours": "longest", "based_on": None}


@require_GET
@return_404_if_hidden
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    person = get_signed_in_person(request)
    product, domains = _get_owned_product(person, slug)
    place_product_page(request, person, product)
    rows = [
        {"offer": offer, "versions": [build_offer_summary(version) for version in offer.versions.all()]}
        for offer in list_editable_offers(product, domains)
    ]
    open_ = [row for row in rows if any(one.version.state != OfferState.RETIRED for one in row["versions"])]  # type: ignore[attr-defined]
    ended = [row for row in rows if row not in open_]
    return render(request, "portal/offers/list.html", {"product": product, "current": open_, "ended": ended})


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    """A new offer of `data_product`, named in the query by its slug."""
    product, domains = _get_owned_product(get_signed_in_person(request), request.GET.get("data_product", ""))
    return _edit_page(request, product, domains, None)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of an offer."""
    offer, domains = _own_offer(get_signed_in_person(request), pk)
    return _edit_page(request, offer.product, domains, offer)


def _edit_page(
    request: HttpRequest, product: DataProduct, domains: list[Domain], offer: Offer | None
) -> HttpResponse:
    place_product_page(request, get_signed_in_person(request), product)
    latest = next(iter(offer.versions.all()), None) if offer else None
    start = get_initial_values(latest) if latest else {"domain": domains[0].pk}
    bound = request.method == "POST"
    tables = product.tables.filter(tombstoned_at=None).select_related("database").order_by("database", "name")
    form = OfferForm(request.POST if bound else None, domains=domains, tables=tables, initial=start)
    if bound and form.is_valid() and (written := _write_draft(request, form, product, domains, offer)):
        return redirect("offer-version", written.offer_id, written.number)
    context = {"product": product, "form": form, "offer": offer, "latest": latest, "domains": domains}
    context["selected_table_ids"] = set(parse_ids(map(str, form["tables"].value() or ())))
    return render(request, "portal/offers/edit.html", context, status=422 if bound else 200)


@require_GET
@return_404_if_hidden
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What can be requested under a version."""
    person = get_signed_in_person(request)
    editable_version = get_editable_version_by_number(person, pk, number)
    product, _domains = _get_owned_product(person, editable_version.offer.product.slug)
    place_product_page(request, person, product)
    most = rank_sensitivity(editable_version.highest_class)
    tables = [
        {
            "table": table,
            "available": [
                column for column in table.columns.all() if rank_sensitivity(column.classification) <= most
            ],
            "unavailable": [
                column for column in table.columns.all() if rank_sensitivity(column.classification) > most
            ],
        }
        for table in list_offered_tables(editable_version)
    ]
    if editable_version.scope != OfferScope.TAGS or editable_version.catalog is None:
        tags_target = None
    else:
        tags_target = build_tags_target(
            editable_version.catalog, TagExpression.from_values(editable_version.tags), person
        )
    context = {
        "product": product,
        "summary": build_offer_summary(editable_version),
        "tables": tables,
        "tags_target": tags_target,
        "active_grant_count": list_offer_grants(editable_version.offer).count(),
        "publish_verdict": may_publish_offer_version(person, editable_version.offer),
    }
    return render(request, "portal/offers/version.html", context)


@require_POST
@return_404_if_hidden
def publish(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    editable_version = get_editable_version_by_number(get_signed_in_person(request), pk, number)
    try:
        publish_offer_version(
            acting_user=get_signed_in_person(request),
            version_id=editable_version.pk,
            now=get_request_time(request),
        )
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect("offer-version", pk, number)
    messages.success(request, _("Offer published. People can now request access under it."))
    return redirect("offers", editable_version.offer.product.slug)


@require_POST
@return_404_if_hidden
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    offer, _domains = _own_offer(get_signed_in_person(request), pk)
    try:
        retire_offer(acting_user=get_signed_in_person(request), offer_id=pk, now=get_request_time(request))
    except RefusedError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request, _("Offer retired. Grants under it continue until they end or you revoke them.")
        )
    return redirect("offers", offer.product.slug)


def _own_offer(person: Person, pk: int) -> tuple[Offer, list[Domain]]:
    offer = Offer.objects.select_related("product").filter(pk=pk).first()
    if offer is None:
        raise NotFoundError
    product, domains = _get_owned_product(person, offer.product.slug)
    editable_offer = next(
        (
            editable_offer
            for editable_offer in list_editable_offers(product, domains)
            if editable_offer.pk == pk
        ),
        None,
    )
    if editable_offer is None:
        raise NotFoundError
    return editable_offer, domains


def _get_owned_product(person: Person, slug: str) -> tuple[DataProduct, list[Domain]]:
    """The product and the domains for which the person may offer it. NotFoundError without any."""
    product = get_product(person, slug)
    domains = list_offering_domains(person, product)
    if not domains:
        raise NotFoundError
    return product, domains


def _write_draft(
    request: HttpRequest, form: OfferForm, product: DataProduct, domains: list[Domain], offer: Offer | None
) -> OfferVersion | None:
    """None if the form has errors."""
    domain = offer.domain if offer else form.cleaned_data["domain"] or domains[0]
    try:
        return write_offer(
            acting_user=get_signed_in_person(request),
            product=product,
            domain=domain,
            draft=form.draft,
            now=get_request_time(request),
            offer_id=offer.pk if offer else None,
            based_on=parse_id(request.POST.get("based_on", "")),
        )
    except RefusedError as error:
        form.add_error(FORM_FIELDS.get(error.field, error.field), error.message)
        return None
