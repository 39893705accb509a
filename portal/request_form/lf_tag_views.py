"""Request access by LF-Tags."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from identity.accounts.models import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.many_tables_views import process_many_tables_form
from requests_app.targets.lf_tags import TagsTarget, build_tags_target, parse_tag_expression
from requests_app.targets.recipients import filter_direct_readers, list_recipients

TEMPLATE = "portal/request_form/lf_tags.html"


def request_by_tags(request: HttpRequest) -> HttpResponse:
    """`tag=key=value`, as often as there are values; `catalog`, where they reach something in several."""
    person, tags = get_signed_in_person(request), _parse_tags(request)
    try:
        places = _list_targets(person, tags, request.GET.get("catalog", ""))
    except RefusedError as error:
        return render(request, TEMPLATE, {"target": None, "refusal": error.message})
    if len(places) > 1:
        pairs = [("tag", f"{key}={value}") for key, values in tags.items() for value in values]
        return render(request, TEMPLATE, {"target": None, "targets": places, "querystring": urlencode(pairs)})
    recipients = filter_direct_readers(list_recipients(person))
    return process_many_tables_form(request, places[0], template=TEMPLATE, recipients=recipients)


def _parse_tags(request: HttpRequest) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = {}
    for pair in request.GET.getlist("tag"):
        key, equals, value = pair.partition("=")
        if key and equals and value:
            tags.setdefault(key, []).append(value)
    return tags


def _list_targets(person: Person, tags: Mapping[str, Sequence[str]], catalog: str) -> list[TagsTarget]:
    """Targets by catalog, or of the selected catalog. RefusedError if nothing has the tags."""
    expression = parse_tag_expression(tags)
    catalogs = ConnectedCatalog.objects.select_related("account").order_by("short_name")
    if catalog:
        catalogs = catalogs.filter(short_name=catalog)
    every = [build_tags_target(one, expression, person) for one in catalogs]
    if not every:
        raise NotFoundError
    return [one for one in every if one.tables] or every[:1]
