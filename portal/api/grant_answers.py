"""The answer of every call about one grant."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.api.access_shapes import AccessRequestOut, GrantWithUseOut, RequestItemOut
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.state_members import status_in
from portal.pages.request_time import get_request_time
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths
from requests_app.grants.queries import get_grant
from requests_app.grants.usage import get_last_uses
from requests_app.review.timeline import Stage, StageName, StageProgress, build_item_timeline, build_stages


class StageOut(serializers.Serializer[Stage]):
    """One of the five stages: requested, approved, applied, proven, ends. `reached_at` is when it was reached, for an
    upcoming end when it will be, and null while that is not known. `who` acted, `sentence` says what was done or is
    waited for, and `remedy` who does what about a blocked stage.
    """

    name = EnumOut([one.value for one in StageName])
    progress = EnumOut(
        [one.value for one in StageProgress],
        help_text="`closed`: it ended here. `skipped`: it never came to this stage",
    )
    is_current = serializers.BooleanField(help_text="true: the item is at this stage now")
    title = serializers.CharField(source="label", help_text="the stage in words, such as `Change requested`")
    reached_at = TimeOut(source="at", allow_null=True)
    who = TextOut()
    sentence = TextOut(source="detail")
    remedy = TextOut()


class GrantDetailOut(GrantWithUseOut):
    """A grant with its five `stages`, and `other_paths`: how its recipient can still read the table without it."""

    stages = serializers.SerializerMethodField()
    other_paths = serializers.SerializerMethodField()

    @extend_schema_field(StageOut(many=True))  # type: ignore[untyped-decorator]
    def get_stages(self, grant: Grant) -> list[Mapping[str, Any]]:
        return _build_stage_answers(self.context, grant)

    def get_other_paths(self, grant: Grant) -> list[str]:
        return list(list_other_paths(grant, self.context["now"]))


GRANTS = Endpoints(
    GrantDetailOut,
    get_grant,
    "grant_id",
    lambda request, grant: {"now": get_request_time(request), "uses": get_last_uses([grant])},
)


def _build_stage_answers(context: Mapping[str, Any], subject: RequestItem | Grant) -> list[Mapping[str, Any]]:
    """Costs the queries of a timeline: for answers about one thing."""
    item = subject.item if isinstance(subject, Grant) else subject
    stages = build_stages(item, status_in(context, subject), build_item_timeline(item), context["now"])
    return [StageOut(stage).data for stage in stages]


class RequestItemDetailOut(RequestItemOut):
    """An item with the five `stages` of its way, in their order."""

    stages = serializers.SerializerMethodField()

    @extend_schema_field(StageOut(many=True))  # type: ignore[untyped-decorator]
    def get_stages(self, item: RequestItem) -> list[Mapping[str, Any]]:
        return _build_stage_answers(self.context, item)


class AccessRequestDetailOut(AccessRequestOut):
    items = RequestItemDetailOut(many=True)
