"""Request access by LF-Tags."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError, RefusedError
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import ManyTablesForm
from portal.request_form.many_tables_views import ManyTablesRequest, process_many_tables_form
from portal.request_form.offer import get_offer_version
from requests_app.access_requests.models import AccessRequest
from requests_app.submission.lf_tags_requests import submit_access_request_by_tags
from requests_app.submission.preview import RequestDraft, RequestPreview, preview_tags_request
from requests_app.targets.lf_tags import TagsTarget, build_tags_target, parse_tag_expression
from requests_app.targets.recipients import filter_direct_readers, list_recipients


@dataclass(frozen=True)
class TagsQuery:
    """LF-Tags by key, and the catalog if selected, from the query string."""

    tags: dict[str, list[str]]
    catalog: str

    @classmethod
    def from_query(cls, said: QueryDict) -> "TagsQuery":
        tags: dict[str, list[str]] = {}
        for pair in said.getlist("tag"):
            key, equals, value = pair.partition("=")
            if key and equals and value:
                tags.setdefault(key, []).append(value)
        return cls(tags, said.get("catalog", ""))

    @property
    def querystring(self) -> str:
        """Without the catalog."""
        return urlencode([("tag", f"{key}={value}") for key, values in self.tags.items() for value in values])


def request_by_tags(request: HttpRequest) -> HttpResponse:
    """`tag=key=value`, as often as there are values; `catalog`, where they reach something in several; `offer`, the
    version of one.
    """
    person, asked = get_signed_in_person(request), TagsQuery.from_query(request.GET)
    try:
        places = _list_targets(request, asked)
    except RefusedError as error:
        return render(request, "portal/request_form/lf_tags.html", {"refusal": error.message})
    if len(places) > 1:
        return render(
            request, "portal/request_form/lf_tags.html", {"targets": places, "querystring": asked.querystring}
        )
    found, version = places[0], get_offer_version(person, request.GET.get("offer", ""))

    def submit(_form: ManyTablesForm, words: dict[str, Any]) -> AccessRequest:
        return submit_access_request_by_tags(
            acting_user=person, catalog=found.catalog, tags=asked.tags, **words
        )

    def ahead(words: RequestDraft, form: ManyTablesForm) -> list[RequestPreview]:
        return [preview_tags_request(words, found, version, form["use"].value() or "")]

    readers = filter_direct_readers(list_recipients(person))
    many = ManyTablesRequest(
        found, "portal/request_form/lf_tags.html", ManyTablesForm, readers, version, submit, ahead
    )
    return process_many_tables_form(request, many)


def _list_targets(request: HttpRequest, asked: TagsQuery) -> list[TagsTarget]:
    """Targets by catalog, or of the selected catalog. RefusedError if nothing has the tags."""
    expression = parse_tag_expression(asked.tags)
    catalogs = ConnectedCatalog.objects.select_related("account").order_by("short_name")
    if asked.catalog:
        catalogs = catalogs.filter(short_name=asked.catalog)
    every = [build_tags_target(catalog, expression, get_signed_in_person(request)) for catalog in catalogs]
    if not every:
        raise NotFoundError
    return [one for one in every if one.tables] or every[:1]
