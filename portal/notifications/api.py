"""Your notifications, and how often you get them."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.people.models import Person
from portal.api.etags import ETAG, IF_MATCH, check_match, document_answer, etag_of
from portal.api.fields import EnumOut, IdIn, TimeOut
from portal.api.openapi import documented
from portal.api.serializers import StrictSerializer, read_body
from portal.lists.api import list_endpoint
from portal.notifications.lists import NotificationList
from portal.notifications.presenters import build_frequency_rows, get_target_url
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.notifications.actions import choose_frequencies
from requests_app.notifications.kinds import Frequency, NotificationChannel, NotificationKind
from requests_app.notifications.models import Notification
from requests_app.notifications.queries import mark_all_read
from requests_app.page_counts import get_page_counts

FREQUENCIES = {Frequency.INSTANT: "at_once", Frequency.DAILY: "daily", Frequency.OFF: "off"}


class NotificationOut(serializers.Serializer[Notification]):
    """What happened, in a sentence; `html_url` leads to its page."""

    id = serializers.CharField(source="pk")
    kind = EnumOut(NotificationKind.values)
    sentence = serializers.CharField(source="text")
    created_at = TimeOut(source="event.at")
    read_at = TimeOut(allow_null=True)
    html_url = serializers.SerializerMethodField()

    def get_html_url(self, notification: Notification) -> str:
        absolute_uri: str = self.context["request"].build_absolute_uri(get_target_url(notification))
        return absolute_uri


class MarkReadIn(StrictSerializer):
    """All up to this one are read: name the newest that you have seen."""

    up_to = IdIn()


class UnreadOut(serializers.Serializer[Any]):
    unread_count = serializers.IntegerField()


class NotificationSettingIn(StrictSerializer):
    """`daily` is of mail alone. Some kinds cannot be turned off."""

    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    channel = serializers.ChoiceField(choices=NotificationChannel.choices)
    frequency = serializers.ChoiceField(choices=list(FREQUENCIES.values()))


class NotificationSettingsIn(StrictSerializer):
    """What you send changes; the rest stays."""

    settings = serializers.ListField(child=NotificationSettingIn(), max_length=100)


class NotificationSettingOut(serializers.Serializer[Any]):
    kind = EnumOut(NotificationKind.values)
    channel = EnumOut(NotificationChannel.values)
    frequency = EnumOut([*FREQUENCIES.values()])


class NotificationSettingsOut(serializers.Serializer[Any]):
    """How often you are notified of what, and where."""

    settings = NotificationSettingOut(many=True)


class NotificationsView(APIView):
    get = list_endpoint("list_notifications", "List notifications", NotificationOut, NotificationList)


class MarkReadView(APIView):
    @documented(
        "mark_notifications_read", "Mark notifications as read", UnreadOut, takes=MarkReadIn, errors=()
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(MarkReadIn, request), get_signed_in_person(request)
        mark_all_read(person, said["up_to"], get_request_time(request))
        return Response({"unread_count": get_page_counts(person).unread_count})


class NotificationSettingsView(APIView):
    members: Mapping[str, str]

    @documented(
        "get_notification_settings",
        "Get notification settings",
        NotificationSettingsOut,
        errors=(),
        parameters=(ETAG,),
    )
    def get(self, request: Request) -> Response:
        return document_answer(_settings(get_signed_in_person(request)))

    @documented(
        "update_notification_settings",
        "Update notification settings",
        NotificationSettingsOut,
        takes=NotificationSettingsIn,
        errors=(412, 428),
        parameters=(IF_MATCH, ETAG),
    )
    def patch(self, request: Request) -> Response:
        person = get_signed_in_person(request)
        check_match(request, etag_of(_settings(person)))
        said = read_body(NotificationSettingsIn, request)["settings"]
        self.members = {
            f"{one['kind']}-{one['channel']}": f"settings.{number}.frequency"
            for number, one in enumerate(said)
        }
        by_name = {name: frequency for frequency, name in FREQUENCIES.items()}
        chosen = {
            (NotificationKind(one["kind"]), NotificationChannel(one["channel"])): by_name[one["frequency"]]
            for one in said
        }
        choose_frequencies(acting_user=person, frequencies=chosen, now=get_request_time(request))
        return document_answer(_settings(person))


def _settings(person: Person) -> Mapping[str, Any]:
    found = [
        {
            "kind": row.kind,
            "channel": field.name.partition("-")[2],
            "frequency": FREQUENCIES[Frequency(field.selected)],
        }
        for row in build_frequency_rows(person)
        for field in row.fields
    ]
    settings: Mapping[str, Any] = NotificationSettingsOut({"settings": found}).data
    return settings
