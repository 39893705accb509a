"""Findings of personal data, decisions on them, and scans."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.classification.actions import (
    MAX_TABLES,
    accept_findings,
    build_acceptance,
    change_finding_classes,
    dismiss_findings,
    start_scans,
)
from catalog.classification.models import Finding, Scan
from catalog.classification.queries import get_finding, get_scan, list_findings, list_scans
from catalog.mirror.models import Classification
from catalog.tag_changes.checks import MAX_ASSIGNMENTS
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.api.endpoints import Endpoints
from portal.api.fields import IdIn, TextIn, TextOut, TimeOut
from portal.api.openapi import documented
from portal.api.references import OptionalReference, Resource, RowOut
from portal.api.serializers import StrictSerializer, read_body
from portal.classification.lists import FindingList, ScanList
from portal.lists.api import list_endpoint
from portal.pages.signed_in_person import get_signed_in_person


class EvidenceOut(serializers.Serializer[Any]):
    """How many of the sampled values pass a check. The check `name` is of the column's name and has no counts."""

    check = serializers.CharField()
    valid = serializers.IntegerField()
    sampled = serializers.IntegerField()


class FindingOut(Resource, RowOut):
    """What was detected in a column. `detected_class` is the detector's, `proposed_class` what accepting proposes. Sampled
    values are never kept.
    """

    route = "api-classification-finding"
    has_page = False

    class Meta:
        model = Finding
        fields = (
            "state",
            "table",
            "column",
            "column_type",
            "kind",
            "detected_class",
            "proposed_class",
            "score",
            "evidence",
            "is_sampled",
            "found_at",
            "decided_by",
            "decided_at",
            "reason",
            "tag_change",
        )

    evidence = EvidenceOut(many=True)
    decided_by = OptionalReference(source="closed_by")
    decided_at = TimeOut(source="closed_at", allow_null=True)
    tag_change = serializers.SerializerMethodField()

    @extend_schema_field(TextOut(help_text="the id of the proposal in which it was accepted"))  # type: ignore[untyped-decorator]
    def get_tag_change(self, row: Finding) -> str | None:
        return str(row.tag_change_id) if row.tag_change_id else None


class ScanOut(Resource, RowOut):
    """A look at a table's columns. Where `is_by_name` is true no values were read, and `reason` says why."""

    route = "api-classification-scan"
    has_page = False

    class Meta:
        model = Scan
        fields = (
            "state",
            "table",
            "requested_by",
            "requested_at",
            "finished_at",
            "sampled_rows",
            "is_by_name",
            "reason",
        )


class FindingsIn(StrictSerializer):
    findings = serializers.ListField(child=IdIn(), min_length=1, max_length=MAX_ASSIGNMENTS)


class AcceptanceIn(FindingsIn):
    """`effects_hash` as the preview gave it: other effects are refused."""

    effects_hash = serializers.CharField(max_length=64)
    reason = TextIn()


class DismissalIn(FindingsIn):
    reason = TextIn()


class FindingClassIn(FindingsIn):
    proposed_class = serializers.ChoiceField(Classification.choices)


class ScansIn(StrictSerializer):
    tables = serializers.ListField(child=IdIn(), min_length=1, max_length=MAX_TABLES)


class ClassificationAccessOut(serializers.Serializer[Any]):
    """What a principal gains and loses of one table. `kept` are columns that it still reads by another permission. `opens`
    and `closes`: the table as a whole becomes visible, or no longer is.
    """

    principal = serializers.CharField()
    database = serializers.CharField()
    table = serializers.CharField()
    gained = serializers.ListField(child=serializers.CharField())
    lost = serializers.ListField(child=serializers.CharField())
    kept = serializers.ListField(child=serializers.CharField())
    opens = serializers.BooleanField()
    closes = serializers.BooleanField()


class AcceptancePreviewOut(serializers.Serializer[Any]):
    """What accepting would propose. Send `effects_hash` when you accept."""

    effects_hash = serializers.CharField()
    access = ClassificationAccessOut(many=True)


class AcceptanceOut(serializers.Serializer[Any]):
    """`tag_change` is the id of the proposal, which the data owners decide on."""

    tag_change = serializers.CharField()


class DecidedFindingsOut(serializers.Serializer[Any]):
    findings = FindingOut(many=True)


class StartedScansOut(serializers.Serializer[Any]):
    scans = ScanOut(many=True)


class FindingsView(APIView):
    get = list_endpoint(
        "list_classification_findings",
        "List findings of personal data",
        FindingOut,
        FindingList,
        errors=(404,),
        description="Those of your domains; all for stewards, governance admins and auditors.",
    )


class FindingView(APIView):
    get = Endpoints(FindingOut, get_finding).read(
        "get_classification_finding", "Get a finding of personal data"
    )


class PreviewView(APIView):
    members: ClassVar = {"assignments": "findings"}

    @documented(
        "preview_classification",
        "Preview the effects of accepting findings",
        AcceptancePreviewOut,
        takes=FindingsIn,
        errors=(403, 404),
        description="Who would gain or lose access. Changes nothing.",
    )
    def post(self, request: Request) -> Response:
        person, ids = get_signed_in_person(request), read_body(FindingsIn, request)["findings"]
        findings = list(list_findings(person).filter(pk__in=ids))
        if len(findings) < len(set(ids)):
            raise NotFoundError
        effects = build_acceptance(person, findings).effects
        access = [one.to_json() for one in effects.access]
        return Response(AcceptancePreviewOut({"effects_hash": effects.digest(), "access": access}).data)


class AcceptView(APIView):
    members: ClassVar = {"assignments": "findings"}

    post = Endpoints(AcceptanceOut).act(
        "accept_classification_findings",
        "Propose the classes of findings",
        lambda **given: {"tag_change": accept_findings(**given).pk},
        takes=AcceptanceIn,
        names={"findings": "finding_ids"},
        status=202,
        shows_result=True,
        errors=(403, 404),
        description="One proposal for all of them. Nothing changes in AWS before the data owners approve it.",
    )


class DismissView(APIView):
    post = Endpoints(DecidedFindingsOut).act(
        "dismiss_classification_findings",
        "Dismiss findings",
        lambda **given: {"findings": dismiss_findings(**given)},
        takes=DismissalIn,
        names={"findings": "finding_ids"},
        shows_result=True,
        errors=(403, 404),
        description="They come back only if another kind of data is detected.",
    )


class ChangeClassView(APIView):
    post = Endpoints(DecidedFindingsOut).act(
        "change_classification_finding_classes",
        "Change the class that findings propose",
        lambda **given: {"findings": change_finding_classes(**given)},
        takes=FindingClassIn,
        names={"findings": "finding_ids"},
        shows_result=True,
        errors=(403, 404),
    )


def _start_scans(*, acting_user: Person, **given: Any) -> dict[str, Any]:
    made = start_scans(acting_user=acting_user, **given)
    return {"scans": list_scans(acting_user).filter(pk__in=[one.pk for one in made])}


class ScansView(APIView):
    get = list_endpoint(
        "list_classification_scans",
        "List scans",
        ScanOut,
        ScanList,
        description="Newest first.",
        errors=(404,),
    )

    post = Endpoints(StartedScansOut).act(
        "create_classification_scans",
        "Scan tables for personal data",
        _start_scans,
        takes=ScansIn,
        names={"tables": "table_ids"},
        status=202,
        shows_result=True,
        errors=(403, 404),
        description="A worker reads a sample of each, as the sampling role of its catalog.",
    )


class ScanView(APIView):
    get = Endpoints(ScanOut, get_scan).read("get_classification_scan", "Get a scan")
