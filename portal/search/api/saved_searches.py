"""Your saved searches and their alerts."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.search.alerts import get_saved_search, list_saved_searches, mark_hits_opened
from catalog.search.models import SavedSearch
from catalog.search.saved_searches import change_search, delete_search, save_search
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, IdOut, TimeOut
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.search.views import describe_problems, parse_alert

MAX_QUERY_LENGTH = 8000
ALERTS = SavedSearch.Alert


class SavedSearchOut(serializers.Serializer[SavedSearch]):
    """`new_count` counts what alerts found since you opened it. `problems` say which filters are no longer understood: while
    there are any, there is no alert.
    """

    id = IdOut()
    name = serializers.CharField()
    query = serializers.CharField(source="querystring", help_text="as in the address of the search page")
    alert = EnumOut(ALERTS.values)
    new_count = serializers.IntegerField()
    problems = serializers.SerializerMethodField()
    saved_at = TimeOut()
    checked_at = TimeOut(allow_null=True)
    html_url = serializers.SerializerMethodField()

    def get_problems(self, saved: SavedSearch) -> list[str]:
        return [str(text) for text in describe_problems(saved)]

    def get_html_url(self, saved: SavedSearch) -> str:
        found: str = self.context["request"].build_absolute_uri(reverse("saved-search", args=[saved.pk]))
        return found


class SavedSearchIn(StrictSerializer):
    """A search that you saved under the same name is replaced."""

    name = serializers.CharField()
    query = serializers.CharField(
        max_length=MAX_QUERY_LENGTH, allow_blank=True, help_text="as in the address of the search page"
    )
    alert = serializers.ChoiceField(choices=ALERTS.values, default=ALERTS.NONE.value)


class SavedSearchChangeIn(StrictSerializer):
    """What you send changes; the rest stays."""

    name = serializers.CharField(required=False)
    query = serializers.CharField(max_length=MAX_QUERY_LENGTH, allow_blank=True, required=False)
    alert = serializers.ChoiceField(choices=ALERTS.values, required=False)


SAVED_SEARCHES = Endpoints(SavedSearchOut, get_saved_search)


class SavedSearchesView(APIView):
    @documented(
        "list_saved_searches",
        "List saved searches",
        listed(SavedSearchOut),
        parameters=LIST,
        errors=(),
        description="Your own, by name. Nobody else sees them.",
    )
    def get(self, request: Request) -> Any:
        rows = list_saved_searches(get_signed_in_person(request))
        return answer_list(request, rows, SavedSearchOut, order=("name", "pk"))

    @documented(
        "create_saved_search", "Save a search", SavedSearchOut, takes=SavedSearchIn, status=201, errors=()
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(SavedSearchIn, request), get_signed_in_person(request)
        saved = save_search(
            acting_user=person,
            name=said["name"],
            querystring=said["query"],
            alert=parse_alert(said["alert"]),
            now=get_request_time(request),
        )
        return SAVED_SEARCHES.answer(request, saved.pk, status.HTTP_201_CREATED)


class SavedSearchView(APIView):
    get = SAVED_SEARCHES.read("get_saved_search", "Get a saved search")

    @documented("update_saved_search", "Change a saved search", SavedSearchOut, takes=SavedSearchChangeIn)
    def patch(self, request: Request, pk: int) -> Response:
        said = read_body(SavedSearchChangeIn, request)
        change_search(
            acting_user=get_signed_in_person(request),
            search_id=pk,
            name=said.get("name"),
            querystring=said.get("query"),
            alert=parse_alert(said["alert"]) if "alert" in said else None,
            now=get_request_time(request),
        )
        return SAVED_SEARCHES.answer(request, pk)

    @documented("delete_saved_search", "Delete a saved search", {204: None})
    def delete(self, request: Request, pk: int) -> Response:
        delete_search(acting_user=get_signed_in_person(request), search_id=pk, now=get_request_time(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MarkOpenedView(APIView):
    @documented("mark_saved_search_opened", "Reset the count of new results", SavedSearchOut, takes=EmptyIn)
    def post(self, request: Request, pk: int) -> Response:
        read_body(EmptyIn, request)
        mark_hits_opened(get_saved_search(get_signed_in_person(request), pk))
        return SAVED_SEARCHES.answer(request, pk)
