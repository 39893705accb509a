"""Pages of a product's life cycle: deprecate, allow requests all the same, retire."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.browse.products import get_product
from catalog.product_lifecycle.actions import (
    allow_requests,
    deprecate_product,
    end_request_exception,
    may_allow_requests,
    may_deprecate_product,
    withdraw_deprecation,
)
from catalog.product_lifecycle.models import (
    Deprecation,
    compute_lifecycle_digest,
    find_shown_successors,
    get_open_deprecation,
    get_scheduled_retirement,
    list_possible_successors,
    list_request_exceptions,
)
from catalog.products.models import DataProduct, ProductLifecycle
from catalog.revisions.queries import get_editable_product
from catalog.revisions.versions import get_current_version
from identity.people.models import Person, Team
from kernel.errors import ForbiddenError, NotFoundError, RefusedError, require_allowed
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_lifecycle.forms import DeprecationForm, ExceptionForm, PlanForm, RetirementForm
from requests_app.product_retirement.actions import call_off_retirement, schedule_retirement
from requests_app.product_retirement.plan import build_plan
from requests_app.product_retirement.queries import find_retired_product

MAX_LISTED, MAX_CHOICES, MAX_PLANNED = 50, 2000, 200
OK, UNPROCESSABLE = 200, 422


@require_GET
@return_404_if_hidden
def lifecycle(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the product stands, and what may be done with it."""
    person = get_signed_in_person(request)
    return _render_lifecycle(request, get_editable_product(person, slug))


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def deprecate(request: HttpRequest, slug: str) -> HttpResponse:
    person = get_signed_in_person(request)
    product = get_editable_product(person, slug)
    if product.lifecycle != ProductLifecycle.PUBLISHED:
        return _lead_back(request, slug, _describe_why_not_deprecatable(product))
    successors = list(list_possible_successors(person, product)[:MAX_CHOICES])
    form = DeprecationForm(request.POST or None, successors=successors)
    if form.is_bound and form.is_valid() and _deprecate(request, product, form):
        return redirect("data-product-lifecycle", slug)
    context = {
        "product": product,
        "form": form,
        "shown": compute_lifecycle_digest(product),
        "verdict": may_deprecate_product(person, product),
        "consumer_count": len(build_plan(product, None, get_request_time(request)).ends),
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/product_lifecycle/deprecate.html", context, status=status)


@require_POST
@return_404_if_hidden
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    done = _("The deprecation is withdrawn. The product can be requested again.")
    return _run(request, slug, done, withdraw_deprecation, takes_shown=True)


@require_POST
@return_404_if_hidden
def allow(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a person or a team request the deprecated product."""
    person = get_signed_in_person(request)
    product = get_editable_product(person, slug)
    form = _build_exception_form(request.POST)
    if form.is_valid():
        try:
            allow_requests(acting_user=person, slug=slug, **form.arguments, now=get_request_time(request))
        except (RefusedError, ForbiddenError) as error:
            add_refusal(form, error if isinstance(error, RefusedError) else RefusedError(str(error)))
        else:
            messages.success(request, _("Allowed. The requests are decided like any other."))
            return redirect("data-product-lifecycle", slug)
    return _render_lifecycle(request, product, form)


@require_POST
@return_404_if_hidden
def end_exception(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _run(request, slug, _("The exception has ended."), end_request_exception, exception_id=pk)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """The plan of what ends; POST confirms exactly the plan that was shown."""
    person = get_signed_in_person(request)
    product = get_editable_product(person, slug)
    require_allowed(may_deprecate_product(person, product))
    deprecation = get_open_deprecation(product)
    if deprecation is None or product.lifecycle != ProductLifecycle.DEPRECATED or product.retires_at:
        return _lead_back(request, slug, _describe_why_not_retirable(product))
    form, now = _build_plan_form(request, deprecation), get_request_time(request)
    if form.is_valid() and form.due_at is not None and form.due_at <= now:
        form.add_error("on", _("Choose a day after today, or none to retire the product at once."))
    if form.is_valid() and isinstance(form, RetirementForm) and _schedule(request, product, form):
        return redirect("data-product-lifecycle", slug)
    due_at = form.due_at
    plan = build_plan(product, due_at, now)
    context = {
        "product": product,
        "form": form,
        "plan": plan,
        "ends": plan.ends[:MAX_PLANNED],
        "kept": plan.kept[:MAX_PLANNED],
        "unlisted_count": max(0, len(plan.ends) - MAX_PLANNED),
        "is_now": due_at is None,
        "day": form.day,
    }
    status = UNPROCESSABLE if request.method == "POST" or form.errors else OK
    return render(request, "portal/product_lifecycle/retire.html", context, status=status)


@require_POST
@return_404_if_hidden
def call_off(request: HttpRequest, slug: str) -> HttpResponse:
    done = _("The retirement is cancelled. All access continues.")
    return _run(request, slug, done, call_off_retirement, takes_shown=True)


@require_GET
@return_404_if_hidden
def by_id(request: HttpRequest, pk: int) -> HttpResponse:
    """Where notifications lead: to the page of a product that the person may see, or of a retired one."""
    person = get_signed_in_person(request)
    slug = DataProduct.objects.filter(pk=pk).values_list("slug", flat=True).first()
    if slug is None:
        raise NotFoundError
    if find_retired_product(person, slug) is None:
        get_product(person, slug)
    return redirect("data-product", slug)


def _lead_back(request: HttpRequest, slug: str, refusal: str) -> HttpResponse:
    """With the reason: an error for who sent a form that somebody else's change made void."""
    tell = messages.error if request.method == "POST" else messages.info
    tell(request, refusal)
    return redirect("data-product-lifecycle", slug)


def _describe_why_not_retirable(product: DataProduct) -> str:
    if product.lifecycle == ProductLifecycle.DRAFT:
        return _("The product is not published, so there is nothing to retire.")
    if product.lifecycle == ProductLifecycle.PUBLISHED:
        return _(
            "To retire the product, deprecate it first. Its consumers are notified, and no access ends yet."
        )
    if product.lifecycle == ProductLifecycle.DEPRECATED:
        return _("The retirement of the product is confirmed already.")
    return _("The product is retired already.")


def _render_lifecycle(
    request: HttpRequest, product: DataProduct, form: ExceptionForm | None = None
) -> HttpResponse:
    person = get_signed_in_person(request)
    deprecation = get_open_deprecation(product)
    retirement = get_scheduled_retirement(product)
    context = {
        "product": product,
        "version": get_current_version(product),
        "deprecation": deprecation,
        "successor": find_shown_successors(person, [deprecation]).get(deprecation.product_id)
        if deprecation
        else None,
        "retirement": retirement,
        "exceptions": list_request_exceptions(deprecation)[:MAX_LISTED] if deprecation else (),
        "form": form or _build_exception_form(None),
        "shown": compute_lifecycle_digest(product),
        "allow_verdict": may_allow_requests(person, product),
        "verdict": may_deprecate_product(person, product),
        "now": get_request_time(request),
    }
    status = UNPROCESSABLE if form is not None else OK
    return render(request, "portal/product_lifecycle/lifecycle.html", context, status=status)


def _build_plan_form(request: HttpRequest, deprecation: Deprecation) -> PlanForm:
    """At first for the day that was named when the product was deprecated."""
    if request.method == "POST":
        return RetirementForm(request.POST)
    day = deprecation.retires_on
    return PlanForm(request.GET or {"on": day.isoformat() if day else ""})


def _build_exception_form(data: Any) -> ExceptionForm:
    people = Person.objects.filter(is_active=True).order_by("name", "pk")[:MAX_CHOICES]
    return ExceptionForm(
        data, people=list(people), teams=list(Team.objects.order_by("name", "pk")[:MAX_CHOICES])
    )


def _deprecate(request: HttpRequest, product: DataProduct, form: DeprecationForm) -> bool:
    """False if the form has errors."""
    try:
        deprecate_product(
            acting_user=get_signed_in_person(request),
            slug=product.slug,
            terms=form.terms,
            shown=form.cleaned_data["shown"],
            now=get_request_time(request),
        )
    except (RefusedError, ForbiddenError) as error:
        add_refusal(form, error if isinstance(error, RefusedError) else RefusedError(str(error)), shown="")
        return False
    messages.success(request, _("Deprecated. Everyone who uses the product is notified."))
    return True


def _schedule(request: HttpRequest, product: DataProduct, form: RetirementForm) -> bool:
    """False if the plan has to be looked at again."""
    try:
        schedule_retirement(
            acting_user=get_signed_in_person(request),
            slug=product.slug,
            due_at=form.due_at,
            shown=form.cleaned_data["shown"],
            now=get_request_time(request),
        )
    except RefusedError as error:
        add_refusal(form, error, shown="")
        return False
    messages.success(request, _("Confirmed. Everyone whose access ends is notified."))
    return True


def _run(
    request: HttpRequest,
    slug: str,
    done: str,
    action: Callable[..., object],
    *,
    takes_shown: bool = False,
    **arguments: Any,
) -> HttpResponse:
    """Back to the page of the life cycle, with what came of it. With `takes_shown`, the action takes the digest of what the
    page showed.
    """
    person = get_signed_in_person(request)
    try:
        if takes_shown:
            arguments["shown"] = get_text_field(request, "shown")
        action(acting_user=person, slug=slug, **arguments, now=get_request_time(request))
    except (RefusedError, ForbiddenError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("data-product-lifecycle", slug)


def _describe_why_not_deprecatable(product: DataProduct) -> str:
    if product.lifecycle == ProductLifecycle.DRAFT:
        return _("The product is not published, so there is nothing to deprecate.")
    if product.lifecycle == ProductLifecycle.DEPRECATED:
        return _("The product is deprecated already.")
    return _("The product is retired. It can't be changed any more.")
