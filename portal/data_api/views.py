"""How long credentials of a product may last, for its owners."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalog.browse.products import get_product
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal
from portal.pages.places import place_product_page
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.table_credentials.actions import set_credential_limit
from requests_app.table_credentials.may import get_limit_minutes, may_set_credential_limit
from requests_app.table_credentials.models import MAX_MINUTES, MIN_MINUTES

_ERROR = gettext_lazy("Enter a whole number of minutes.")
OK, UNPROCESSABLE = 200, 422


class CredentialLimitForm(PageForm):
    minutes = forms.IntegerField(
        label=gettext_lazy("Longest time in minutes"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 5}),
        min_value=0,
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), _ERROR),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        bounds = {"least": MIN_MINUTES, "most": MAX_MINUTES}
        words = _("%(least)s to %(most)s minutes, or 0 for no credentials.")
        self.fields["minutes"].help_text = words % bounds


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def credential_limit(request: HttpRequest, slug: str) -> HttpResponse:
    person = get_signed_in_person(request)
    product = get_product(person, slug)
    place_product_page(request, person, product)
    if not may_set_credential_limit(person, product):
        raise NotFoundError
    form = CredentialLimitForm(request.POST or None, initial={"minutes": get_limit_minutes(product)})
    if form.is_bound and form.is_valid() and _save(person, product, form):
        messages.success(request, _("Saved. Credentials that were issued before keep their expiry."))
        return redirect("data-product", slug)
    context = {"product": product, "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/data_api/credential_limit.html", context, status=status)


def _save(person: Person, product: DataProduct, form: CredentialLimitForm) -> bool:
    minutes = form.cleaned_data["minutes"]
    try:
        set_credential_limit(acting_user=person, slug=product.slug, minutes=minutes, now=clock.now())
    except RefusedError as error:
        add_refusal(form, error)
        return False
    return True
