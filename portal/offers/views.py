"""The offers of a product, for the owners of its data: write, look at what could be asked, put in force, withdraw."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from catalog.browse.products import product_for
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.actions import put_offer_in_force, withdraw_offer, write_offer
from catalog.products.offers.bounds import care
from catalog.products.offers.may import offering_domains
from catalog.products.offers.models import Offer, OfferVersion
from catalog.products.offers.queries import offers_of, own_numbered_version, tables_under
from catalog.products.offers.states import OfferState, Scope
from identity.errors import NotFoundError, RefusedError
from identity.people.models import Person
from lakeformation.values.tag_expressions import TagExpression
from portal.offers.forms import OfferForm, first_words
from portal.offers.presenters import offer_shown
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import id_in, ids_in
from portal.pages.signed_in import person_of
from requests_app.grants.queries import list_offer_grants
from requests_app.targets.lf_tags import TagsTarget, build_tags_target

FIELD_OF: dict[str, str | None] = {"longest_hours": "longest", "based_on": None}


@require_GET
@hides_what_is_not_yours
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    product, _domains = _own(person_of(request), slug)
    rows = [
        {"offer": offer, "versions": [offer_shown(version) for version in offer.versions.all()]}
        for offer in offers_of(person_of(request), product)
    ]
    open_ = [row for row in rows if any(one.version.state != OfferState.WITHDRAWN for one in row["versions"])]  # type: ignore[attr-defined]
    ended = [row for row in rows if row not in open_]
    return render(request, "portal/offers/list.html", {"product": product, "open": open_, "ended": ended})


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def new(request: HttpRequest) -> HttpResponse:
    """A new offer of `data_product`, named in the query by its slug."""
    product, domains = _own(person_of(request), request.GET.get("data_product", ""))
    return _edit_page(request, product, domains, None)


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of an offer."""
    offer, domains = _own_offer(person_of(request), pk)
    return _edit_page(request, offer.product, domains, offer)


def _edit_page(
    request: HttpRequest, product: DataProduct, domains: list[Domain], offer: Offer | None
) -> HttpResponse:
    latest = next(iter(offer.versions.all()), None) if offer else None
    start = first_words(latest) if latest else {"domain": domains[0].pk}
    bound = request.method == "POST"
    tables = product.tables.filter(tombstoned_at=None).select_related("database").order_by("database", "name")
    form = OfferForm(request.POST if bound else None, domains=domains, tables=tables, initial=start)
    if bound and form.is_valid() and (written := _written(request, form, product, domains, offer)):
        return redirect("offer-version", written.offer_id, written.number)
    context = {"product": product, "form": form, "offer": offer, "latest": latest, "domains": domains}
    context["picked"] = set(ids_in(map(str, form["tables"].value() or ())))
    return render(request, "portal/offers/edit.html", context, status=422 if bound else 200)


@require_GET
@hides_what_is_not_yours
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What can be requested under a version."""
    person = person_of(request)
    found = own_numbered_version(person, pk, number)
    product, _domains = _own(person, found.offer.product.slug)
    most = care(found.highest_class)
    tables = [
        {
            "table": table,
            "open": [column for column in table.columns.all() if care(column.classification) <= most],
            "closed": [column for column in table.columns.all() if care(column.classification) > most],
        }
        for table in tables_under(found)
    ]
    context = {
        "product": product,
        "one": offer_shown(found),
        "tables": tables,
        "reach": _reach(person, found),
        "running": list_offer_grants(found.offer).count(),
    }
    return render(request, "portal/offers/version.html", context)


@require_POST
@hides_what_is_not_yours
def publish(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = own_numbered_version(person_of(request), pk, number)
    try:
        put_offer_in_force(acting_user=person_of(request), version_id=found.pk, now=clock.now())
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect("offer-version", pk, number)
    messages.success(request, _("Offer published. People can now request access under it."))
    return redirect("offers", found.offer.product.slug)


@require_POST
@hides_what_is_not_yours
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    offer, _domains = _own_offer(person_of(request), pk)
    try:
        withdraw_offer(acting_user=person_of(request), offer_id=pk, now=clock.now())
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
    product, domains = _own(person, offer.product.slug)
    found = next((one for one in offers_of(person, product) if one.pk == pk), None)
    if found is None:
        raise NotFoundError
    return found, domains


def _own(person: Person, slug: str) -> tuple[DataProduct, list[Domain]]:
    """A product with the domains for which the person may offer it. NotFoundError where there are none."""
    product = product_for(person, slug)
    domains = offering_domains(person, product)
    if not domains:
        raise NotFoundError
    return product, domains


def _written(
    request: HttpRequest, form: OfferForm, product: DataProduct, domains: list[Domain], offer: Offer | None
) -> OfferVersion | None:
    """The draft; None when the form says what is wrong."""
    domain = offer.domain if offer else form.cleaned_data["domain"] or domains[0]
    try:
        return write_offer(
            acting_user=person_of(request),
            product=product,
            domain=domain,
            draft=form.draft,
            now=clock.now(),
            offer_id=offer.pk if offer else None,
            based_on=id_in(request.POST.get("based_on", "")),
        )
    except RefusedError as error:
        form.add_error(FIELD_OF.get(error.field, error.field), error.message)
        return None


def _reach(person: Person, found: OfferVersion) -> TagsTarget | None:
    if found.scope != Scope.TAGS or found.catalog is None:
        return None
    return build_tags_target(found.catalog, TagExpression.of(found.tags), person)
