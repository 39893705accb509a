"""Intake of quality results: the tools' own files, or the portal's own format."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.mirror.models import Table
from catalog.products.may import EDITOR_ROLES
from catalog.quality.actions import send_results, store_results
from catalog.quality.formats import UnreadableReport, parse_report
from catalog.quality.intake import MAX_AHEAD, Sender, build_incoming
from catalog.quality.matching import find_team_tables
from catalog.quality.results import IncomingResult, MeasureFact, RuleFact, digest_content
from catalog.quality.states import MeasureKind, QualityDimension, QualitySource, RuleOutcome
from catalog.quality.writer import StoredResult
from identity.people.may import get_team_ids_with_role
from identity.service_tokens.models import ServiceToken, TokenScope
from portal.api.authentication import HasTokenScope, ServiceTokenAuthentication, SessionAuthentication
from portal.api.fields import optional
from portal.api.openapi import documented
from portal.api.parsers import GzipJSONParser
from portal.api.serializers import StrictSerializer
from portal.pages.signed_in_person import get_signed_in_person
from portal.quality.api.shapes import QualityResultOut

QUALITY_POLICY = "quality"
MAX_RULES, MAX_COLUMNS, MAX_NAME, MAX_TEXT = 1000, 5000, 255, 500
MAX_LISTED = 5
TABLE = OpenApiParameter(
    "table",
    str,
    description="The table that the result is about: its id, `database.table`, ARN or S3 address. Without it the name in the"
    " result is used.",
)


class RuleIn(StrictSerializer):
    """`observed` is a count or share, never a value of a row. Skipped rules are not counted."""

    name = serializers.CharField(max_length=MAX_NAME)
    outcome = serializers.ChoiceField(RuleOutcome.values)
    dimension = serializers.ChoiceField(
        QualityDimension.values, required=False, default=QualityDimension.OTHER.value
    )
    column = serializers.CharField(max_length=MAX_NAME, required=False, allow_blank=True, default="")
    observed = serializers.FloatField(required=False, allow_null=True, default=None)
    expected = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True, default="")
    message = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


class ColumnMetricsIn(StrictSerializer):
    null_count = optional(serializers.IntegerField, min_value=0)
    distinct_count = optional(serializers.IntegerField, min_value=0)


class MetricsIn(StrictSerializer):
    """`null_count` is compared with `row_count`, and needs it."""

    row_count = optional(serializers.IntegerField, min_value=0)
    columns = serializers.DictField(child=ColumnMetricsIn(), required=False, default=dict)


class QualityResultIn(StrictSerializer):
    """A result in the portal's own format. `id` is yours, such as a run's; the same id of a ruleset is kept once."""

    table = serializers.CharField(max_length=2048, required=False, allow_blank=True, default="")
    ruleset = serializers.CharField(max_length=MAX_NAME)
    id = serializers.CharField(max_length=MAX_NAME, required=False, allow_blank=True, default="")
    evaluated_at = serializers.DateTimeField()
    rules = serializers.ListField(child=RuleIn(), min_length=1, max_length=MAX_RULES)
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
    parser_classes = (GzipJSONParser,)
    throttle_scope = QUALITY_POLICY
    token_scope = TokenScope.QUALITY_WRITE

    @documented(
        "create_quality_results",
        "Send quality results",
        QualityIntakeOut,
        takes=QualityResultIn,
        takes_key=False,
        errors=(),
        parameters=(TABLE,),
        description="The result files of dbt (`run_results.json`), Great Expectations and Soda as they are, or the portal's own format. With"
        " a service token of the scope `quality:write`, or as a data owner or developer. Sending a result again does no harm. The body"
        " may be compressed with gzip.",
    )
    def post(self, request: Request) -> Response:
        sender, now = _get_sender(request), clock.now()
        named = request.query_params.get("table", "").strip()
        is_own = isinstance(request.data, Mapping) and "ruleset" in request.data
        read = _read_own if is_own else _read_reports
        incoming, unmatched = read(request.data, named, sender)
        if not incoming:
            raise ValidationError({"table": _describe_unmatched(unmatched)})
        if any(one.evaluated_at > now + MAX_AHEAD for one in incoming):
            raise ValidationError({"evaluated_at": _("This time is more than a day in the future.")})
        stored = _store(request, incoming)
        return Response({"results": [_show(request, one) for one in stored], "unmatched": unmatched})


def _get_sender(request: Request) -> Sender:
    if isinstance(request.auth, ServiceToken):
        return Sender([request.auth.team_id])
    person = get_signed_in_person(request)
    return Sender(sorted(get_team_ids_with_role(person, *EDITOR_ROLES)), person.pk)


def _store(request: Request, incoming: Sequence[IncomingResult]) -> list[StoredResult]:
    if isinstance(request.auth, ServiceToken):
        return store_results(incoming=incoming, now=clock.now())
    return send_results(acting_user=get_signed_in_person(request), incoming=incoming, now=clock.now())


def _show(request: Request, stored: StoredResult) -> dict[str, Any]:
    """The sender maintains the table, so messages are shown."""
    context = {"request": request, "shows_messages": True}
    return {**QualityResultOut(stored.result, context=context).data, "is_new": stored.is_new}


def _read_reports(data: Any, named: str, sender: Sender) -> tuple[list[IncomingResult], list[str]]:
    try:
        reports = parse_report(data)
    except UnreadableReport as error:
        fault = ErrorDetail(str(error), "unreadable_report")
        raise ValidationError({getattr(error, "path", "") or "non_field_errors": [fault]}) from error
    if named:
        table = find_team_tables([named], sender.teams).get(named)
        tables: dict[str, Table] = {one.dataset_name: table for one in reports if table}
    else:
        tables = find_team_tables([one.dataset_name for one in reports], sender.teams)
    names = {named} if named and not tables else {one.dataset_name for one in reports} - set(tables)
    incoming = build_incoming(reports, tables, sender, clock.now())
    if tables and not incoming:
        raise ValidationError(_("The file holds no rule that was evaluated."))
    return incoming, sorted(names)


def _describe_unmatched(names: Sequence[str]) -> str:
    """Tables of other teams look like those that there are not."""
    if not any(names):
        return str(_("Say which table the result is about: send its name as the parameter table."))
    shown = ", ".join(names[:MAX_LISTED])
    words = _("No table of your teams fits %(names)s. Send the table's id or name as the parameter table.")
    return str(words % {"names": shown})


def _read_own(data: Any, named: str, sender: Sender) -> tuple[list[IncomingResult], list[str]]:
    given = QualityResultIn(data=data)
    given.is_valid(raise_exception=True)
    said = given.validated_data
    rules = [_read_rule(one) for one in said["rules"]]
    if all(one.outcome is RuleOutcome.SKIPPED for one in rules):
        raise ValidationError({"rules": _("Send at least one rule that was evaluated.")})
    name = named or said["table"].strip()
    table = find_team_tables([name], sender.teams).get(name) if name else None
    if table is None:
        return [], [name]
    at = said["evaluated_at"]
    result = IncomingResult(
        source=QualitySource.OWN,
        ruleset=said["ruleset"],
        scope=sender.scope,
        external_id=said["id"] or digest_content(at.isoformat(), repr(rules)),
        evaluated_at=at,
        rules=rules,
        table_id=table.pk,
        team_id=sender.teams[0] if sender.person_id is None else None,
        person_id=sender.person_id,
        measures=_read_measures(said.get("metrics") or {}),
    )
    return [result], []


def _read_rule(said: Mapping[str, Any]) -> RuleFact:
    outcome, dimension = RuleOutcome(said["outcome"]), QualityDimension(said["dimension"])
    return RuleFact(**{**said, "outcome": outcome, "dimension": dimension})


def _read_measures(metrics: Mapping[str, Any]) -> list[MeasureFact]:
    rows = metrics.get("row_count")
    found = [MeasureFact(MeasureKind.ROWS, float(rows))] if rows is not None else []
    for column, figures in metrics.get("columns", {}).items():
        distinct, nulls = figures.get("distinct_count"), figures.get("null_count")
        if distinct is not None:
            found.append(MeasureFact(MeasureKind.DISTINCT, float(distinct), column[:MAX_NAME]))
        if nulls is not None and rows:
            found.append(MeasureFact(MeasureKind.NULLS, min(nulls / rows, 1.0), column[:MAX_NAME]))
    return found
