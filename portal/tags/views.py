"""LF-Tag keys: the list, the page of one, and proposals to define or change one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from catalog.tag_changes.checks import MAX_KEY, MAX_TEXT, MAX_VALUES
from catalog.tag_changes.may import may_propose_tag_change, may_view_tags, sees_all_tags
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.tag_keys import (
    TagKeyDetails,
    build_tag_key_details,
    get_tag_key,
)
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import require_allowed
from lakeformation.tagging import TagDefinition
from portal.lists.page import render_list
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import set_choices
from portal.pages.post_fields import get_action
from portal.pages.signed_in_person import get_signed_in_person
from portal.tag_changes.forms import ProposalForm
from portal.tag_changes.presenters import EffectsView, build_effects_view
from portal.tag_changes.proposals import PREVIEW, PROPOSE, Proposal, ProposalResult, handle_proposal
from portal.tag_changes.views import PROPOSED
from portal.tags.lists import TaggedTableList, TagList

MAX_LINES = MAX_VALUES * 200
SEPARATOR = ": "
OK, UNPROCESSABLE = 200, 422


class TagForm(ProposalForm):
    """The form of a key that is new, or of `tag`, whose name and catalog stay."""

    catalog = forms.TypedChoiceField(
        label=_("Catalog"), coerce=int, error_messages={"required": _("Choose a catalog.")}
    )
    key = forms.CharField(
        label=_("Key"),
        help_text=_("stored in lower case"),
        widget=forms.TextInput(attrs={"class": "mono"}),
        max_length=MAX_KEY,
        error_messages={"required": _("Enter the name of the key.")},
    )
    meaning = forms.CharField(
        label=_("What the key says"),
        help_text=_("optional"),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        required=False,
        max_length=MAX_TEXT,
    )
    values = forms.CharField(
        label=_("Values"),
        help_text=_("one per line; a colon and a space before what the value means"),
        widget=forms.Textarea(attrs={"class": "mono", "rows": 8, "dir": "auto"}),
        max_length=MAX_LINES,
        error_messages={"required": _("Enter at least one value.")},
    )

    def __init__(
        self, data: Any, *, catalogs: Sequence[ConnectedCatalog] = (), tag: TagKeyDetails | None = None
    ) -> None:
        initial = {}
        if tag:
            lines = [
                f"{value.name}{SEPARATOR}{value.meaning}" if value.meaning else value.name
                for value in tag.values
            ]
            initial = {"meaning": tag.meaning, "values": "\n".join(lines)}
        super().__init__(data, initial=initial)
        self.tag = tag
        if tag:
            del self.fields["catalog"], self.fields["key"]
        else:
            set_choices(self, "catalog", [(catalog.pk, str(catalog)) for catalog in catalogs])

    def build_definition(self) -> TagDefinition:
        said = self.cleaned_data
        lines = (line.strip().partition(SEPARATOR) for line in said["values"].splitlines() if line.strip())
        meanings = {
            value.strip().removesuffix(":").lower(): meaning.strip() for value, _separator, meaning in lines
        }
        key = self.tag.row.key if self.tag else said["key"]
        removed = set(self.tag.row.values) - meanings.keys() if self.tag else set()
        texts = {"": said["meaning"], **meanings}
        return TagDefinition(key, tuple(meanings), tuple(sorted(texts.items())), tuple(sorted(removed)))


@require_GET
@return_404_if_hidden
def listing(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    require_allowed(may_view_tags(person))
    return render_list(request, TagList, {"may_define": _may_define(person)})


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """`value` in the query string limits the tables to those that carry it."""
    person = get_signed_in_person(request)
    row = get_tag_key(person, pk)
    context = {
        "tag": build_tag_key_details(person, [row])[0],
        "may_define": _may_define(person),
        "sees_changes": sees_all_tags(person),
    }
    return render_list(request, TaggedTableList, context, key=row)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    require_allowed(may_propose_tag_change(person, (), defines=True))
    catalogs = list(ConnectedCatalog.objects.select_related("account").order_by("short_name"))
    form = TagForm(request.POST or None, catalogs=catalogs)
    chosen = str(form["catalog"].value() or "")
    catalog = next((one for one in catalogs if str(one.pk) == chosen), None)
    return _answer(request, person, form, catalog)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_tag_key(person, pk)
    require_allowed(may_propose_tag_change(person, (), defines=True))
    form = TagForm(request.POST or None, tag=build_tag_key_details(person, [row])[0])
    return _answer(request, person, form, row.catalog)


def _answer(
    request: HttpRequest, person: Person, form: TagForm, catalog: ConnectedCatalog | None
) -> HttpResponse:
    do, result = get_action(request, PREVIEW, PROPOSE), ProposalResult()
    if form.is_bound and form.is_valid() and catalog:
        proposal = Proposal(catalog, definitions=[form.build_definition()])
        result = handle_proposal(person, form, proposal, do, definitions="values")
    if result.made:
        messages.success(request, str(PROPOSED))
        return redirect("tag-change", result.made.pk)
    context = {"form": form, "tag": form.tag, "effects": _show_effects(catalog, result)}
    status = UNPROCESSABLE if form.is_bound and form.errors else OK
    return render(request, "portal/tags/form.html", context, status=status)


def _show_effects(catalog: ConnectedCatalog | None, result: ProposalResult) -> EffectsView | None:
    if result.effects is None or catalog is None:
        return None
    said = result.effects
    return build_effects_view(TagChange(catalog=catalog), said.to_json(), said.digest(), is_open=True)


def _may_define(person: Person) -> bool:
    return bool(may_propose_tag_change(person, (), defines=True))
