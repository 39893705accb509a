"""A release note of a data product, and its form."""

from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog.browse.products import get_product
from catalog.products.models import DataProduct
from catalog.release_notes import (
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    get_release_note,
    may_write_release_note,
    write_release_note,
)
from catalog.revisions.versions import get_current_version
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError, require_allowed
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal
from portal.pages.places import place_product_page
from portal.pages.signed_in_person import get_signed_in_person

OK, UNPROCESSABLE = 200, 422


class ReleaseNoteForm(PageForm):
    label_hints: ClassVar = {"text": gettext_lazy("optional; Markdown")}

    title = forms.CharField(
        label=gettext_lazy("What is new, in one line"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        max_length=MAX_TITLE_LENGTH,
        error_messages={"required": gettext_lazy("Describe what is new in one line.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Details"),
        help_text=gettext_lazy("What changes for consumers, and what they have to do."),
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        required=False,
        max_length=MAX_TEXT_LENGTH,
    )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest, slug: str) -> HttpResponse:
    person = get_signed_in_person(request)
    product = get_product(person, slug)
    place_product_page(request, person, product)
    require_allowed(may_write_release_note(person, product))
    form = ReleaseNoteForm(request.POST or None)
    if form.is_bound and form.is_valid() and _write(person, product, form):
        messages.success(
            request, _("Published. Everyone with access and everyone who follows the product is notified.")
        )
        return redirect("data-product-changes", slug)
    context = {"product": product, "form": form, "version": get_current_version(product)}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/release_notes/new.html", context, status=status)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    note = get_release_note(person, pk)
    place_product_page(request, person, note.product)
    return render(request, "portal/release_notes/detail.html", {"note": note, "product": note.product})


def _write(person: Person, product: DataProduct, form: ReleaseNoteForm) -> bool:
    """False if the form has errors."""
    said = form.cleaned_data
    try:
        write_release_note(
            acting_user=person,
            slug=product.slug,
            title=said["title"],
            text=said["text"].replace("\r\n", "\n"),
            now=clock.now(),
        )
    except RefusedError as error:
        add_refusal(form, error)
        return False
    return True
