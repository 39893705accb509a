"""Your notices: a page of them, marking them as read, and at which pace what comes."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from identity.people.models import Person
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import BEFORE, LIMIT, documented
from portal.api.pagination import newest_first, page_answer, page_of
from portal.notifications.presenters import pace_rows, target_of
from portal.pages.signed_in import person_of
from requests_app.notifications.actions import choose_frequencies
from requests_app.notifications.kinds import Frequency, NotificationChannel, NotificationKind
from requests_app.notifications.models import Notice
from requests_app.notifications.queries import list_notices, mark_all_read
from requests_app.page_counts import get_page_counts


class NoticeOut(serializers.Serializer[Any]):
    """What happened, in words; `url` leads to its page."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    words = serializers.CharField()
    at = serializers.DateTimeField(source="event.at")
    read_at = serializers.DateTimeField(allow_null=True)
    url = serializers.SerializerMethodField()

    def get_url(self, notice: Notice) -> str:
        return target_of(notice)


class ReadIn(serializers.Serializer[Any]):
    """All up to this id are read: name the newest that you have seen."""

    up_to = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


class UnreadOut(serializers.Serializer[Any]):
    unread = serializers.IntegerField()


class PaceIn(serializers.Serializer[Any]):
    """`digest` is of mail alone; what cannot be chosen off is refused."""

    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    channel = serializers.ChoiceField(choices=NotificationChannel.choices)
    pace = serializers.ChoiceField(choices=Frequency.choices)


class NoticesView(APIView):
    @documented("list_notices", "Your notices, newest first", page_of(NoticeOut), parameters=(LIMIT, BEFORE))
    def get(self, request: Request) -> Response:
        rows, following = newest_first(list_notices(person_of(request)), request)
        return page_answer(NoticeOut(rows, many=True).data, following)


class ReadView(APIView):
    @documented(
        "read_notices", "Mark notices as read", UnreadOut, takes=ReadIn, errors=(400,), parameters=(KEY,)
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = ReadIn(data=request.data)
        given.is_valid(raise_exception=True)
        person = person_of(request)
        mark_all_read(person, given.validated_data["up_to"], clock.now())
        return Response({"unread": get_page_counts(person).unread_count})


class PacesView(APIView):
    @documented("list_paces", "At which pace you hear of what", PaceIn(many=True), errors=())
    def get(self, request: Request) -> Response:
        return _paces(person_of(request))

    @documented(
        "choose_paces",
        "Choose what to hear of",
        PaceIn(many=True),
        takes=PaceIn(many=True),
        errors=(400,),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = PaceIn(data=request.data, many=True)
        given.is_valid(raise_exception=True)
        said = {
            (NotificationKind(one["kind"]), NotificationChannel(one["channel"])): Frequency(one["pace"])
            for one in given.validated_data
        }
        choose_frequencies(acting_user=person_of(request), paces=said, now=clock.now())
        return _paces(person_of(request))


def _paces(person: Person) -> Response:
    found = [
        {"kind": row.kind, "channel": field.name.partition("-")[2], "pace": field.chosen}
        for row in pace_rows(person)
        for field in row.fields
    ]
    return Response(PaceIn(found, many=True).data)
