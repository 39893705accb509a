"""Requesting everything with some LF-Tags."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from portal.api.fields import ReferenceIn, TagsIn, optional
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.many_tables_views import ManyTablesInput, process_many_tables_form
from requests_app.targets.lf_tags import TagsTarget, build_tags_target, parse_tag_expression
from requests_app.targets.recipients import filter_direct_readers, list_recipients

TEMPLATE = "portal/request_form/lf_tags.html"


class TagsInput(ManyTablesInput):
    kind, parameter = "tags", "tag"
    members = {
        "catalog": partial(optional, ReferenceIn, help_text="of the kind `tags`"),
        "tags": partial(TagsIn, help_text="LF-Tags, values by key: a member carries one value of each key"),
    }
    changed_message = gettext_lazy("What carries these LF-Tags has changed since it was shown. Look again.")

    def build_target(self, person: Person, item: Mapping[str, Any]) -> TagsTarget:
        said = item["target"]
        return build_tags_target(get_catalog(said["catalog"]), parse_tag_expression(said["tags"]), person)

    def render_form(self, request: HttpRequest) -> HttpResponse:
        # `tag=key=value`, as often as there are values; `catalog`, where they reach something in several.
        person, tags = get_signed_in_person(request), _parse_tags(request)
        try:
            catalog = request.GET.get("catalog", "")
            expression = parse_tag_expression(tags)
            catalogs = ConnectedCatalog.objects.select_related("account").order_by("short_name")
            if catalog:
                catalogs = catalogs.filter(short_name=catalog)
            every = [build_tags_target(one, expression, person) for one in catalogs]
            if not every:
                raise NotFoundError
            places = [one for one in every if one.tables] or every[:1]
        except RefusedError as error:
            return render(request, TEMPLATE, {"target": None, "refusal": error.message})
        if len(places) > 1:
            pairs = [("tag", f"{key}={value}") for key, values in tags.items() for value in values]
            return render(
                request, TEMPLATE, {"target": None, "targets": places, "querystring": urlencode(pairs)}
            )
        recipients = filter_direct_readers(list_recipients(person))
        return process_many_tables_form(request, places[0], template=TEMPLATE, recipients=recipients)


def get_catalog(short_name: str) -> ConnectedCatalog:
    """NotFoundError."""
    connected_catalog = (
        ConnectedCatalog.objects.select_related("account").filter(short_name=short_name).first()
    )
    if connected_catalog is None:
        raise NotFoundError
    return connected_catalog


def _parse_tags(request: HttpRequest) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = {}
    for pair in request.GET.getlist("tag"):
        key, equals, value = pair.partition("=")
        if key and equals and value:
            tags.setdefault(key, []).append(value)
    return tags
