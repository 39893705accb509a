"""Who may see and request a data product: settings, with a preview before they are saved."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from catalog.browse.products import get_product
from catalog.discovery import (
    DiscoverySettings,
    check_settings,
    list_namable_teams,
    may_set_discovery,
    preview_settings,
    read_settings,
    set_discovery,
)
from catalog.products.models import Audience, DataProduct
from identity.people.models import Person, Team
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal, set_choices
from portal.pages.places import place_product_page
from portal.pages.post_fields import get_action
from portal.pages.signed_in_person import get_signed_in_person

OK, UNPROCESSABLE = 200, 422
SAVE, PREVIEW = "save", "preview"


class DiscoveryForm(PageForm):
    """`shown` is the digest of the settings that were there; `previewed` that of those whose effect was shown."""

    hidden_field_names: ClassVar[frozenset[str]] = frozenset({"shown", "previewed"})
    seen_by = forms.ChoiceField(choices=Audience.choices)
    see_teams = forms.TypedMultipleChoiceField(coerce=int, required=False)
    requested_by = forms.ChoiceField(choices=Audience.choices)
    request_teams = forms.TypedMultipleChoiceField(coerce=int, required=False)
    shown = forms.CharField(max_length=64)
    previewed = forms.CharField(max_length=64, required=False)

    def __init__(self, data: Any, *, teams: Sequence[Team], settings: DiscoverySettings) -> None:
        super().__init__(
            data,
            initial={
                "seen_by": settings.seen_by,
                "requested_by": settings.requested_by,
                "see_teams": sorted(settings.see_teams),
                "request_teams": sorted(settings.request_teams),
                "shown": settings.digest,
            },
        )
        choices = [(team.pk, team.name) for team in teams]
        set_choices(self, "see_teams", choices)
        set_choices(self, "request_teams", choices)

    @property
    def settings(self) -> DiscoverySettings:
        said = self.cleaned_data
        return DiscoverySettings(
            said["seen_by"],
            said["requested_by"],
            frozenset(said["see_teams"]),
            frozenset(said["request_teams"]),
        )


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
    # One sentence for each effect; a single one where nothing changes for anyone.
    preview = preview_settings(product, form.settings)
    lines = [
        (
            ngettext(
                "%(n)s more person will be able to see it.",
                "%(n)s more people will be able to see it.",
                preview.gains,
            ),
            preview.gains,
        ),
        (
            ngettext(
                "%(n)s person will no longer be able to see it.",
                "%(n)s people will no longer be able to see it.",
                preview.loses,
            ),
            preview.loses,
        ),
        (
            ngettext(
                "%(n)s other person has access. They keep it and can still see the product.",
                "%(n)s other people have access. They keep it and can still see the product.",
                preview.keeps,
            ),
            preview.keeps,
        ),
        (
            ngettext(
                "%(n)s more person will be able to request it.",
                "%(n)s more people will be able to request it.",
                preview.may_request,
            ),
            preview.may_request,
        ),
        (
            ngettext(
                "%(n)s person will no longer be able to request it.",
                "%(n)s people will no longer be able to request it.",
                preview.may_request_no_more,
            ),
            preview.may_request_no_more,
        ),
    ]
    said = [sentence % {"n": count} for sentence, count in lines if count]
    return said or [_("Nobody who is active today gains or loses anything.")]


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
