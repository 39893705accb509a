"""The floors of a product, requests to upstream owners, and decisions on them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog.browse.products import get_product
from catalog.derivation.actions import MAX_TEXT_LENGTH, request_derivation
from catalog.derivation.evaluation import read_derivation
from catalog.derivation.kind import DERIVATION_REQUEST
from catalog.derivation.may import sees_derivation
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import list_requests, read_wanted_subject
from catalog.derivation.wording import describe_problems
from catalog.mirror.models import Classification
from catalog.products.models import DataProduct
from decisions.states import DecisionState
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError
from portal.decisions.declaration import DecisionPage
from portal.decisions.views import DecisionViews
from portal.derivation.presenters import (
    FloorRow,
    build_derivation_section,
    build_floor_rows,
    build_request_details,
    build_request_rows,
    list_product_requests,
    may_ask,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DateInput, DecisionForm, PageForm, run_decision
from portal.pages.pagination import build_pager
from portal.pages.places import place_page, place_product_page
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person

PAGE_SIZE = 50
OK, UNPROCESSABLE = 200, 422


class DerivationForm(PageForm):
    """Without a class, what the columns have is asked for."""

    columns = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": gettext_lazy("Choose columns of the product.")}
    )
    classification = forms.ChoiceField(
        label=gettext_lazy("Lowest class that they may have"),
        required=False,
        choices=[("", gettext_lazy("the class that they have")), *Classification.choices[:-1]],
        error_messages={"invalid_choice": gettext_lazy("Choose a class.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        max_length=MAX_TEXT_LENGTH,
        error_messages={"required": gettext_lazy("Say in one sentence why.")},
    )

    def __init__(self, data: Any, *, rows: Sequence[FloorRow]) -> None:
        super().__init__(data, initial={"columns": [row.key for row in rows if row.is_missing]})
        field = self.fields["columns"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(row.key, row.name) for row in rows]

    @property
    def lowered(self) -> dict[tuple[int, str], str]:
        """Empty if no class was chosen."""
        wanted = self.cleaned_data["classification"]
        pairs = (key.partition("/") for key in self.cleaned_data["columns"])
        return {(parse_id(table) or 0, column): wanted for table, _slash, column in pairs} if wanted else {}


class DerivationDecisionForm(DecisionForm):
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("optional"),
        widget=DateInput(),
        required=False,
        error_messages={"invalid": gettext_lazy("Enter a valid date.")},
    )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """The columns of a product with their floors, as its draft has them; POST asks the upstream owners."""
    person = get_signed_in_person(request)
    found = get_product(person, slug)
    place_product_page(request, person, found)
    if not sees_derivation(person, found):
        raise NotFoundError
    subject, now = read_wanted_subject(found), get_request_time(request)
    derivation = read_derivation(subject, now)
    rows = build_floor_rows(person, derivation)
    form = DerivationForm(request.POST or None, rows=rows)
    if form.is_bound and run_decision(form, _build_request(person, found, form)):
        messages.success(request, _("Sent. The owners of the data are notified."))
        return redirect("data-product-derivation", slug)
    context = {
        "product": found,
        "rows": rows,
        "section": build_derivation_section(person, subject, now),
        "problems": describe_problems(person, derivation),
        "requests": list_product_requests(person, found),
        "form": form,
        "may_ask": may_ask(person, found) and bool(derivation.blocked or any(row.floor for row in rows)),
        "chosen": set(form["columns"].value() or ()),
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/derivation/product.html", context, status=status)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Requests that the person made, decides on or may look at; with `state=waiting`, those that wait."""
    person = get_signed_in_person(request)
    place_page(request, "reviews", "my-products")
    rows = list_requests(person)
    is_waiting = request.GET.get("state") == DecisionState.WAITING
    if is_waiting:
        rows = rows.filter(state=DecisionState.WAITING)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "rows": build_request_rows(person, page),
        "tabs": [(_("All"), "?", not is_waiting), (_("Waiting"), "?state=waiting", is_waiting)],
        "pager": build_pager(page, "state=waiting" if is_waiting else ""),
    }
    return render(request, "portal/derivation/list.html", context)


def _build_request(person: Person, found: DataProduct, form: DerivationForm) -> Callable[[], object]:
    def run() -> object:
        return request_derivation(
            acting_user=person,
            slug=found.slug,
            reason=form.cleaned_data["reason"],
            lowered=form.lowered,
            now=clock.now(),
        )

    return run


class DerivationPage(DecisionPage):
    kind = DERIVATION_REQUEST
    places = ("reviews", "my-products")
    form_class = DerivationDecisionForm
    detail_template = "portal/derivation/detail.html"
    done = {
        "approve": gettext_lazy("Approved. The requester is notified."),
        "reject": gettext_lazy("Rejected. The requester is notified."),
        "withdraw": gettext_lazy("Withdrawn."),
        "revoke": gettext_lazy("Revoked. The owners of the data product are notified."),
    }

    def build_context(self, row: DerivationRequest) -> Mapping[str, Any]:
        return {"asked": row, "details": build_request_details(self.person, row)}


views = DecisionViews(DerivationPage)
detail, decide = views.make_view("detail", "GET"), views.make_view("decide", "POST")
