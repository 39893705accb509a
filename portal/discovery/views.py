"""Who may see and request a data product: settings, with a preview before they are saved."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.browse.products import get_product
from catalog.discovery.actions import set_discovery
from catalog.discovery.may import may_set_discovery
from catalog.discovery.queries import list_namable_teams, preview_settings
from catalog.discovery.settings import check_settings, read_settings
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from portal.discovery.forms import DiscoveryForm
from portal.discovery.presenters import describe_preview
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.places import place_product_page
from portal.pages.post_fields import get_action
from portal.pages.signed_in_person import get_signed_in_person

OK, UNPROCESSABLE = 200, 422
SAVE, PREVIEW = "save", "preview"


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def discovery(request: HttpRequest, slug: str) -> HttpResponse:
    """POST with `do=save` saves the settings whose digest is `previewed`, else shows whom they concern."""
    person = get_signed_in_person(request)
    product = get_product(person, slug)
    place_product_page(request, person, product)
    if not may_set_discovery(person, product):
        raise NotFoundError
    now = read_settings(product)
    form = DiscoveryForm(request.POST or None, teams=list(list_namable_teams()), settings=now)
    preview = _read_preview(form, product)
    does_save = get_action(request, SAVE, PREVIEW) == SAVE
    if preview and does_save and _save(person, product, form):
        messages.success(request, _("Saved. The change already applies."))
        return redirect("data-product-discovery", slug)
    context = {
        "product": product,
        "form": form,
        "shown": now.digest,
        "preview": preview,
        "previewed": form.settings.digest if preview else "",
    }
    status = UNPROCESSABLE if form.is_bound and form.errors else OK
    return render(request, "portal/discovery/discovery.html", context, status=status)


def _read_preview(form: DiscoveryForm, product: DataProduct) -> list[str]:
    """Empty where nothing was sent, or something in it is wrong."""
    if not (form.is_bound and form.is_valid()):
        return []
    try:
        check_settings(form.settings, product)
    except RefusedError as error:
        add_refusal(form, error)
        return []
    return describe_preview(preview_settings(product, form.settings))


def _save(person: Person, product: DataProduct, form: DiscoveryForm) -> bool:
    if form.cleaned_data["previewed"] != form.settings.digest:
        form.add_error(None, _("These are not the settings that you checked. Check what changes, then save."))
        return False
    try:
        set_discovery(
            acting_user=person,
            slug=product.slug,
            settings=form.settings,
            shown=form.cleaned_data["shown"],
            now=clock.now(),
        )
    except RefusedError as error:
        add_refusal(form, error)
        return False
    return True
