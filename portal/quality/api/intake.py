"""Intake of quality results: the tools' own files, or the portal's own format."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.lineage.intake.events import MAX_AHEAD
from catalog.products.may import EDITOR_ROLES
from catalog.quality.actions import send_quality_results, store_results
from catalog.quality.formats.reports import is_plain, parse_report
from catalog.quality.formats.values import Dimension, Report, UnreadableReport, load_object
from catalog.quality.intake import Sender, build_incoming, find_team_tables
from catalog.quality.models import MeasureKind
from catalog.quality.results import IncomingResult, MeasureFact
from catalog.quality.writer import StoredResult
from identity.people.may import get_team_ids_with_role
from identity.service_tokens import ServiceToken, TokenScope
from portal.api.authentication import HasTokenScope, ServiceTokenAuthentication, SessionAuthentication
from portal.api.fields import optional
from portal.api.openapi import documented
from portal.api.parsers import GzipBytesParser
from portal.api.serializers import StrictSerializer
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.quality.api.shapes import QualityResultOut

MAX_NAME = 255
QUALITY_POLICY = "quality"
MAX_LISTED = 5
TABLE = OpenApiParameter(
    "table",
    str,
    description="The table that the result is about: its id, `database.table`, ARN or S3 address. Without it the name in the"
    " result is used.",
)
RULESET = OpenApiParameter(
    "ruleset",
    str,
    description="A name for the rules in the file. The latest result of a ruleset counts, so name each part if you run your tests in"
    " parts. Without it the name of the dataset is used.",
)


class ColumnMetricsIn(StrictSerializer):
    null_count = optional(serializers.IntegerField, min_value=0)
    distinct_count = optional(serializers.IntegerField, min_value=0)


class MetricsIn(StrictSerializer):
    """`null_count` is compared with `row_count`, and needs it."""

    row_count = optional(serializers.IntegerField, min_value=0)
    columns = serializers.DictField(child=ColumnMetricsIn(), required=False, default=dict)


class RuleIn(serializers.Serializer[Any]):
    """`passed` is null for a rule that was not evaluated. `observed` is a number, never a value of a row."""

    name = serializers.CharField()
    passed = serializers.BooleanField(allow_null=True)
    is_warning = serializers.BooleanField(required=False)
    dimension = serializers.ChoiceField([one.value for one in Dimension if one], required=False)
    column = serializers.CharField(required=False)
    observed = serializers.CharField(required=False)
    expected = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    failed_rows = serializers.IntegerField(required=False, min_value=0)
    total_rows = serializers.IntegerField(required=False, min_value=0)


class QualityResultIn(serializers.Serializer[Any]):
    """The portal's own format. `dataset` is the table's ARN, S3 address, `database.table` or id. `id` is yours, such as that of a
    run; the same id of a ruleset is kept once.
    """

    dataset = serializers.CharField()
    ruleset = serializers.CharField(required=False)
    id = serializers.CharField(required=False)
    tool = serializers.CharField(required=False)
    tool_version = serializers.CharField(required=False)
    started_at = serializers.DateTimeField(required=False)
    finished_at = serializers.DateTimeField(required=False)
    rules = serializers.ListField(child=RuleIn())
    metrics = MetricsIn(required=False)


class SentQualityResultOut(QualityResultOut):
    """`is_new` is false for a result that was there already."""

    is_new = serializers.BooleanField()


class QualityIntakeOut(serializers.Serializer[Any]):
    """`unmatched` are names of datasets that fit no table of your teams: their results were not kept."""

    results = SentQualityResultOut(many=True)
    unmatched = serializers.ListField(child=serializers.CharField())


class MaySendQuality(BasePermission):
    """A service whose token has the scope, or a signed-in person: the action says which."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ServiceToken):
            return bool(request.user and request.user.is_authenticated)
        check = HasTokenScope()
        is_allowed = check.has_permission(request, view)
        self.message = getattr(check, "message", None)
        return is_allowed


class QualityResultsView(APIView):
    authentication_classes = (ServiceTokenAuthentication, SessionAuthentication)
    permission_classes = (MaySendQuality,)
    parser_classes = (GzipBytesParser,)
    throttle_scope = QUALITY_POLICY
    token_scope = TokenScope.QUALITY_WRITE

    @documented(
        "create_quality_results",
        "Send quality results",
        QualityIntakeOut,
        takes=QualityResultIn,
        takes_key=False,
        errors=(),
        parameters=(TABLE, RULESET),
        description="The result files of dbt (`run_results.json`), Great Expectations and Soda as they are, or the portal's own format. With"
        " a service token of the scope `quality:write`, or as a data owner or developer. Sending a result again does no harm. The body"
        " may be compressed with gzip.",
    )
    def post(self, request: Request) -> Response:
        sender, now = _get_sender(request), get_request_time(request)
        incoming, unmatched = _read_file(request, sender, now)
        if not incoming:
            raise ValidationError({"table": _describe_unmatched(unmatched)})
        if any(one.evaluated_at > now + MAX_AHEAD for one in incoming):
            raise ValidationError({"finished_at": _("This time is more than five minutes in the future.")})
        if isinstance(request.auth, ServiceToken):
            stored = store_results(incoming=incoming, now=now)
        else:
            stored = send_quality_results(
                acting_user=get_signed_in_person(request), incoming=incoming, now=now
            )
        return Response({"results": [_show(request, one) for one in stored], "unmatched": unmatched})


def _get_sender(request: Request) -> Sender:
    if isinstance(request.auth, ServiceToken):
        return Sender([request.auth.team_id])
    person = get_signed_in_person(request)
    return Sender(sorted(get_team_ids_with_role(person, *EDITOR_ROLES)), person.pk)


def _show(request: Request, stored: StoredResult) -> dict[str, Any]:
    """The sender maintains the table, so messages are shown."""
    context = {"request": request, "shows_messages": True}
    return {**QualityResultOut(stored.result, context=context).data, "is_new": stored.is_new}


def _read_file(request: Request, sender: Sender, now: datetime) -> tuple[list[IncomingResult], list[str]]:
    """Results of the sender's tables, and names of datasets that are none of them."""
    named, ruleset = (request.query_params.get(name, "").strip() for name in ("table", "ruleset"))
    reports, additions = _parse(request.data)
    names = [named] if named else [report.dataset_name for report in reports]
    team_tables = find_team_tables([name for name in names if name], sender.teams)
    tables = (
        {report.dataset_name: team_tables[named] for report in reports}
        if named and team_tables
        else team_tables
    )
    ruleset = ruleset or additions.get("ruleset") or ""
    incoming = build_incoming(reports, tables, sender, now, ruleset=ruleset[:MAX_NAME])
    if team_tables and not incoming:
        raise ValidationError(_("The file holds no rule that was evaluated."))
    return [_add(one, additions) for one in incoming], sorted(set(names) - set(team_tables))


def _parse(data: Any) -> tuple[Sequence[Report], dict[str, Any]]:
    """`data` is what the parser made of the body: its bytes, or something empty where there is none."""
    body = data if isinstance(data, bytes) else b""
    try:
        found = load_object(body)
        if not is_plain(found):
            return parse_report(body), {}
        plain = {name: value for name, value in found.items() if name not in ADDITIONS}
        reports = parse_report(json.dumps(plain).encode())
    except UnreadableReport as error:
        fault = ErrorDetail(error.message, "unreadable_report")
        raise ValidationError({error.path or "non_field_errors": [fault]}) from error
    given = AdditionsIn(data={name: found[name] for name in ADDITIONS if name in found})
    given.is_valid(raise_exception=True)
    return reports, dict(given.validated_data)


def _add(one: IncomingResult, additions: dict[str, Any]) -> IncomingResult:
    metrics = additions.get("metrics") or {}
    rows = metrics.get("row_count")
    measures = [MeasureFact(MeasureKind.ROWS, float(rows))] if rows is not None else []
    for column, figures in metrics.get("columns", {}).items():
        distinct, nulls = figures.get("distinct_count"), figures.get("null_count")
        if distinct is not None:
            measures.append(MeasureFact(MeasureKind.DISTINCT, float(distinct), column[:MAX_NAME]))
        if nulls is not None and rows:
            measures.append(MeasureFact(MeasureKind.NULLS, min(nulls / rows, 1.0), column[:MAX_NAME]))
    return replace(one, external_id=additions.get("id") or one.external_id, measures=measures)


def _describe_unmatched(names: Sequence[str]) -> str:
    """Tables of other teams look like those that there are not."""
    if not any(names):
        return str(_("Say which table the result is about: send its name as the parameter table."))
    shown = ", ".join(names[:MAX_LISTED])
    words = _("No table of your teams matches %(names)s. Send the table's id or name as the parameter table.")
    return str(words % {"names": shown})


class AdditionsIn(StrictSerializer):
    ruleset = serializers.CharField(max_length=MAX_NAME, required=False, allow_blank=True, default="")
    id = serializers.CharField(max_length=MAX_NAME, required=False, allow_blank=True, default="")
    metrics = MetricsIn(required=False, allow_null=True, default=None)


ADDITIONS = tuple(AdditionsIn().fields)
