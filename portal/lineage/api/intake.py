"""Intake of OpenLineage events, under the paths and with the answers of OpenLineage's own API."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.lineage.intake.actions import MAX_EVENTS, EventFault, IntakeResult, receive_events
from catalog.quality.intake import receive_assertions
from identity.service_tokens import ServiceToken, TokenScope
from portal.api.authentication import HasTokenScope, ServiceTokenAuthentication
from portal.api.openapi import documented
from portal.api.parsers import GzipJSONParser
from portal.api.problems import pointer_to
from portal.pages.request_time import get_request_time

LINEAGE_POLICY = "lineage"


class EventIn(serializers.Serializer[Any]):
    """A RunEvent, JobEvent or DatasetEvent of OpenLineage 2-0-2; facets that are not known here are passed over."""

    eventTime = serializers.DateTimeField()  # noqa: N815 - OpenLineage's own
    producer = serializers.CharField()
    schemaURL = serializers.CharField()  # noqa: N815
    eventType = serializers.CharField(required=False)  # noqa: N815
    run = serializers.DictField(required=False)
    job = serializers.DictField(required=False)
    dataset = serializers.DictField(required=False)
    inputs = serializers.ListField(child=serializers.DictField(), required=False)
    outputs = serializers.ListField(child=serializers.DictField(), required=False)


class IntakeSummaryOut(serializers.Serializer[Any]):
    received = serializers.IntegerField()
    successful = serializers.IntegerField()
    failed = serializers.IntegerField()
    retriable = serializers.IntegerField()
    non_retriable = serializers.IntegerField()


class IntakeFaultOut(serializers.Serializer[Any]):
    """`pointer` is the place in the event."""

    pointer = serializers.CharField()
    detail = serializers.CharField()


class FailedEventOut(serializers.Serializer[Any]):
    """`index` is its place in the batch, from 0. Send it again only if it is `retriable`."""

    index = serializers.IntegerField()
    reason = serializers.CharField()
    retriable = serializers.BooleanField()
    errors = IntakeFaultOut(many=True)  # type: ignore[assignment]


class EventWarningOut(serializers.Serializer[Any]):
    """What was left out of an event that was taken: a dataset, facet or column that cannot be read."""

    index = serializers.IntegerField()
    parts = IntakeFaultOut(many=True)


class IntakeOut(serializers.Serializer[Any]):
    """As in OpenLineage's API, with `warnings`. `status` is `success`, or `partial_success` when some or all events were not taken."""

    status = serializers.CharField()
    summary = IntakeSummaryOut()
    failed_events = FailedEventOut(many=True)
    warnings = EventWarningOut(many=True)


class IntakeView(APIView):
    authentication_classes = (ServiceTokenAuthentication,)
    permission_classes = (HasTokenScope,)
    parser_classes = (GzipJSONParser,)
    throttle_scope = LINEAGE_POLICY
    token_scope = TokenScope.LINEAGE_WRITE


class BatchIntakeView(IntakeView):
    @documented(
        "create_lineage_events",
        "Send a batch of lineage events",
        IntakeOut,
        takes=EventIn(many=True),
        takes_key=False,
        errors=(),
        description=f"Up to {MAX_EVENTS} OpenLineage events, with a service token of the scope `lineage:write`. Datasets,"
        " facets and columns that cannot be read are left out with a warning; an event that makes no sense is not taken. Sending one"
        " again does no harm. The body may be compressed with gzip.",
    )
    def post(self, request: Request) -> Response:
        if not isinstance(request.data, list):
            raise ValidationError(_("Send a list of events."))
        if len(request.data) > MAX_EVENTS:
            words = {"most": MAX_EVENTS}
            raise ValidationError(_("Send at most %(most)s events in one call.") % words)
        return Response(build_answer(take_events(request, request.data)))


def take_events(request: Request, events: list[Any]) -> IntakeResult:
    assert isinstance(request.auth, ServiceToken)
    team, now = request.auth.team_id, get_request_time(request)
    result = receive_events(team_id=team, events=events, now=now)
    receive_assertions(team_id=team, events=list(result.taken.values()), now=now)
    return result


def take_event(request: Request) -> Response:
    """One event. ValidationError with the places of its faults."""
    result = take_events(request, [request.data])
    if result.faults:
        raise ValidationError(
            {
                path or "non_field_errors": [ErrorDetail(text, "invalid_event")]
                for path, text in result.faults[0].places
            }
        )
    return Response(build_answer(result))


def build_answer(result: IntakeResult) -> dict[str, Any]:
    """As `IntakeOut`."""
    failed = len(result.faults)
    retriable = sum(fault.may_retry for fault in result.faults)
    return {
        "status": "partial_success" if failed else "success",
        "summary": {
            "received": result.received,
            "successful": result.received - failed,
            "failed": failed,
            "retriable": retriable,
            "non_retriable": failed - retriable,
        },
        "failed_events": [_build_fault(fault) for fault in result.faults],
        "warnings": [
            {"index": index, "parts": _build_places(places)}
            for index, places in sorted(result.warnings.items())
        ],
    }


def _build_fault(fault: EventFault) -> dict[str, Any]:
    return {
        "index": fault.index,
        "reason": fault.places[0][1] if fault.places else "",
        "retriable": fault.may_retry,
        "errors": _build_places(fault.places),
    }


def _build_places(places: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"pointer": pointer_to(path), "detail": text} for path, text in places]
