"""Your saved searches and their alerts."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.views import APIView

from catalog.search.alerts import get_saved_search, list_saved_searches, mark_hits_opened
from catalog.search.models import SavedSearch
from catalog.search.saved_searches import change_search, delete_search, save_search
from identity.people.models import Person
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import EnumOut, IdOut, TimeOut
from portal.api.serializers import StrictSerializer
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
        absolute_uri: str = self.context["request"].build_absolute_uri(
            reverse("saved-search", args=[saved.pk])
        )
        return absolute_uri


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


SAVED_SEARCHES = Endpoints(SavedSearchOut, get_saved_search, "search_id")


def _read_search(_person: Person, said: dict[str, Any], *_ids: int) -> dict[str, Any]:
    """What was sent, as the verbs call it."""
    values = {"name": said.get("name"), "querystring": said.get("query")}
    alert = {"alert": parse_alert(said["alert"])} if "alert" in said else {}
    return {**{name: value for name, value in values.items() if value is not None}, **alert}


class SavedSearchesView(APIView):
    get = rows_endpoint(
        "list_saved_searches",
        "List saved searches",
        SavedSearchOut,
        list_saved_searches,
        order=("name", "pk"),
        errors=(),
        description="Your own, by name. Nobody else sees them.",
    )

    post = SAVED_SEARCHES.create(
        "create_saved_search",
        "Save a search",
        save_search,
        takes=SavedSearchIn,
        build=_read_search,
        errors=(),
    )


class SavedSearchView(APIView):
    get = SAVED_SEARCHES.read("get_saved_search", "Get a saved search")

    patch = SAVED_SEARCHES.act(
        "update_saved_search",
        "Change a saved search",
        change_search,
        takes=SavedSearchChangeIn,
        build=_read_search,
    )

    delete = SAVED_SEARCHES.remove("delete_saved_search", "Delete a saved search", delete_search)


class MarkOpenedView(APIView):
    post = SAVED_SEARCHES.act(
        "mark_saved_search_opened",
        "Reset the count of new results",
        lambda acting_user, search_id, **_given: mark_hits_opened(get_saved_search(acting_user, search_id)),
    )
