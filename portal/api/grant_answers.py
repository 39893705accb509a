"""The answer of every call about one grant."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.access_shapes import GrantWithUseOut
from portal.api.stages import StageOut, build_stage_answers
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths
from requests_app.grants.queries import get_grant
from requests_app.grants.usage import get_last_uses


class GrantDetailOut(GrantWithUseOut):
    """A grant with its five `stages`, and `other_paths`: how its recipient can still read the table without it."""

    stages = serializers.SerializerMethodField()
    other_paths = serializers.SerializerMethodField()

    @extend_schema_field(StageOut(many=True))  # type: ignore[untyped-decorator]
    def get_stages(self, grant: Grant) -> list[Mapping[str, Any]]:
        return build_stage_answers(self.context, grant)

    def get_other_paths(self, grant: Grant) -> list[str]:
        return list(list_other_paths(grant, self.context["now"]))


def grant_answer(request: Request, pk: int, code: int = status.HTTP_200_OK) -> Response:
    """The grant as it is now."""
    grant = get_grant(get_signed_in_person(request), pk)
    context = {"request": request, "now": get_request_time(request), "uses": get_last_uses([grant])}
    return Response(GrantDetailOut(grant, context=context).data, code)
