"""Asking by LF-Tags: what carries them stands on the page before anything is sent."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError, RefusedError
from portal.pages.signed_in import person_of
from portal.request_form.forms import ManyForm
from portal.request_form.many_tables_views import Many, ask_for_many
from portal.request_form.offer import version_named
from requests_app.access_requests.models import AccessRequest
from requests_app.submission.lf_tags_requests import submit_request_by_tags
from requests_app.submission.preview import RequestDraft, RequestPreview, preview_tags_request
from requests_app.targets.lf_tags import TagsTarget, build_tags_target, parse_tag_expression
from requests_app.targets.recipients import filter_direct_readers, list_recipients


@dataclass(frozen=True)
class Asked:
    """What the address says: LF-Tags by key, and the catalog, where one was chosen."""

    tags: dict[str, list[str]]
    catalog: str

    @classmethod
    def read(cls, said: QueryDict) -> "Asked":
        tags: dict[str, list[str]] = {}
        for pair in said.getlist("tag"):
            key, equals, value = pair.partition("=")
            if key and equals and value:
                tags.setdefault(key, []).append(value)
        return cls(tags, said.get("catalog", ""))

    @property
    def address(self) -> str:
        """Without the catalog."""
        return urlencode([("tag", f"{key}={value}") for key, values in self.tags.items() for value in values])


def ask(request: HttpRequest) -> HttpResponse:
    """`tag=key=value`, as often as there are values; `catalog`, where they reach something in several; `offer`, the
    version of one.
    """
    person, asked = person_of(request), Asked.read(request.GET)
    try:
        places = _places(request, asked)
    except RefusedError as error:
        return render(request, "portal/request_form/lf_tags.html", {"refusal": error.message})
    if len(places) > 1:
        return render(
            request, "portal/request_form/lf_tags.html", {"offered": places, "address": asked.address}
        )
    found, version = places[0], version_named(person, request.GET.get("offer", ""))

    def submit(_form: ManyForm, words: dict[str, Any]) -> AccessRequest:
        return submit_request_by_tags(acting_user=person, catalog=found.catalog, tags=asked.tags, **words)

    def ahead(words: RequestDraft, form: ManyForm) -> list[RequestPreview]:
        return [preview_tags_request(words, found, version, form["use"].value() or "")]

    readers = filter_direct_readers(list_recipients(person))
    many = Many(found, "portal/request_form/lf_tags.html", ManyForm, readers, version, submit, ahead)
    return ask_for_many(request, many)


def _places(request: HttpRequest, asked: Asked) -> list[TagsTarget]:
    """What the tags reach, catalog by catalog; the chosen one alone. RefusedError where nothing carries them."""
    expression = parse_tag_expression(asked.tags)
    catalogs = ConnectedCatalog.objects.select_related("account").order_by("short_name")
    if asked.catalog:
        catalogs = catalogs.filter(short_name=asked.catalog)
    every = [build_tags_target(catalog, expression, person_of(request)) for catalog in catalogs]
    if not every:
        raise NotFoundError
    return [one for one in every if one.tables] or every[:1]
