"""Proposed tag changes: preview, propose, read, decide."""

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.tag_changes.actions import propose_tag_change
from catalog.tag_changes.checks import MAX_ASSIGNMENTS, MAX_TEXT
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.preview import preview_tag_change
from catalog.tag_changes.queries import get_status, list_tag_changes
from catalog.tag_changes.states import TagChangeStatus
from identity.accounts import ConnectedCatalog
from kernel.errors import RefusedError
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget
from portal.api.decision_states import DecisionStateOut, by_state
from portal.api.fields import EnumOut, ReferenceIn, TextOut, TimeOut
from portal.api.filters import ListFilters
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import StrictSerializer, read_body
from portal.decisions.api import answer_proposal, build_decision_urls
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class TagChangeFilters(ListFilters):
    state = by_state(TAG_CHANGE)


MAX_DEFINITIONS = 20


class TagAssignmentOut(serializers.Serializer[Any]):
    """`table` and `column` are empty for a database; `value` is null where it inherits."""

    database = serializers.CharField()
    table = TextOut()
    column = TextOut()
    key = serializers.CharField()
    value = serializers.CharField(allow_null=True)


class TagDefinitionOut(serializers.Serializer[Any]):
    """`meanings` are by value, that of the key itself under an empty name."""

    key = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())
    meanings = serializers.DictField(child=serializers.CharField())


class TagAccessOut(serializers.Serializer[Any]):
    """What a principal gains and loses of one table. It reads the `kept` columns by their names as well."""

    principal = serializers.CharField()
    database = serializers.CharField()
    table = serializers.CharField()
    gained = serializers.ListField(child=serializers.CharField())
    lost = serializers.ListField(child=serializers.CharField())
    kept = serializers.ListField(child=serializers.CharField())
    opens = serializers.BooleanField()
    closes = serializers.BooleanField()
    expressions = serializers.ListField(child=serializers.CharField())


class TagEffectsOut(serializers.Serializer[Any]):
    """Who gains and who loses. `effects_hash` names these effects."""

    access = TagAccessOut(many=True)
    effects_hash = serializers.CharField()


class TagChangeOut(Resource):
    """`state` is what people decided, `status` what is proven in AWS. While it waits, `access` is what approval would do now."""

    route = "api-tag-change"
    state = DecisionStateOut(TAG_CHANGE)
    status = serializers.SerializerMethodField()
    catalog = Reference()
    assignments = TagAssignmentOut(many=True)
    definitions = TagDefinitionOut(many=True)
    access = serializers.SerializerMethodField()
    effects_hash = serializers.CharField()
    reason = serializers.CharField()
    proposed_by = Reference(source="requested_by")
    proposed_at = TimeOut(source="requested_at")
    closed_by = OptionalReference()
    closed_at = TimeOut(allow_null=True)
    comment = TextOut(source="closing_comment")

    @extend_schema_field(EnumOut(TagChangeStatus.values))  # type: ignore[untyped-decorator]
    def get_status(self, row: TagChange) -> str:
        return get_status(row).value

    @extend_schema_field(TagAccessOut(many=True))  # type: ignore[untyped-decorator]
    def get_access(self, row: TagChange) -> list[dict[str, Any]]:
        return list(row.effects["access"])


class TagAssignmentIn(StrictSerializer):
    """Without a table it is the database's, without a column the table's. With a `value` of null it inherits again."""

    database = serializers.CharField(max_length=255)
    table = serializers.CharField(max_length=255, required=False, allow_blank=True)
    column = serializers.CharField(max_length=255, required=False, allow_blank=True)
    key = serializers.CharField()
    value = serializers.CharField(allow_null=True)


class TagDefinitionIn(StrictSerializer):
    key = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField(), required=False)
    removed = serializers.ListField(child=serializers.CharField(), required=False)
    meanings = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)


class TagChangePreviewIn(StrictSerializer):
    catalog = ReferenceIn()
    assignments = serializers.ListField(child=TagAssignmentIn(), max_length=MAX_ASSIGNMENTS, required=False)
    definitions = serializers.ListField(child=TagDefinitionIn(), max_length=MAX_DEFINITIONS, required=False)


class TagChangeIn(TagChangePreviewIn):
    """With the `effects_hash` of a preview, other effects are refused."""

    reason = serializers.CharField(max_length=MAX_TEXT)
    effects_hash = serializers.CharField(max_length=64, required=False)


class TagApprovalIn(StrictSerializer):
    comment = serializers.CharField(required=False, allow_blank=True, max_length=MAX_TEXT)


class TagReasonIn(StrictSerializer):
    comment = serializers.CharField(max_length=MAX_TEXT)


class TagChangesView(APIView):
    @documented(
        "list_tag_changes",
        "List tag changes",
        listed(TagChangeOut),
        parameters=(*LIST, TagChangeFilters),
        errors=(),
        description="Your own and those of your teams' data; all for stewards, governance admins and auditors. Newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = TagChangeFilters.apply(list_tag_changes(get_signed_in_person(request)), request.query_params)
        return answer_list(request, rows, TagChangeOut)

    @documented(
        "create_tag_change",
        "Propose a tag change",
        TagChangeOut,
        takes=TagChangeIn,
        status=202,
        errors=(403, 404),
        description="The data owners concerned decide, and a governance admin on keys. Nothing happens in AWS before.",
    )
    def post(self, request: Request) -> Response:
        body = read_body(TagChangeIn, request)
        made = propose_tag_change(
            acting_user=get_signed_in_person(request),
            reason=body["reason"],
            effects_hash=body.get("effects_hash", ""),
            now=get_request_time(request),
            **_build_change(body),
        )
        return answer_proposal(TAG_CHANGE, TagChangeOut, request, made.pk, status.HTTP_202_ACCEPTED)


class PreviewView(APIView):
    @documented(
        "preview_tag_change",
        "Compute who would gain and who would lose access",
        TagEffectsOut,
        takes=TagChangePreviewIn,
        errors=(403, 404),
        description="Nothing is stored.",
    )
    def post(self, request: Request) -> Response:
        body = read_body(TagChangePreviewIn, request)
        effects = preview_tag_change(get_signed_in_person(request), **_build_change(body))
        return Response({"access": effects.to_json()["access"], "effects_hash": effects.digest()})


def build_verb_urls() -> list[URLPattern]:
    summaries = {
        "get_tag_change": "Get a tag change",
        "approve_tag_change": "Approve a tag change",
        "reject_tag_change": "Reject a tag change",
        "withdraw_tag_change": "Withdraw a tag change",
    }
    return build_decision_urls(
        TAG_CHANGE,
        TagChangeOut,
        summaries=summaries,
        descriptions={
            "approve_tag_change": "Of the effects that you read: their ETag is another one once the effects are others."
        },
        address="tag-changes",
        inputs={"approve_tag_change": TagApprovalIn, "reject_tag_change": TagReasonIn},
    )


def _build_change(said: Mapping[str, Any]) -> dict[str, Any]:
    catalog = ConnectedCatalog.objects.select_related("account").filter(short_name=said["catalog"]).first()
    if catalog is None:
        raise RefusedError(_("There is no such catalog."), "catalog")
    assignments = [
        TagAssignment(
            TagTarget(assignment["database"], assignment.get("table", ""), assignment.get("column", "")),
            assignment["key"],
            assignment["value"],
        )
        for assignment in said.get("assignments", ())
    ]
    definitions = [
        TagDefinition(
            definition["key"],
            tuple(definition.get("values", ())),
            tuple(sorted(definition.get("meanings", {}).items())),
            tuple(definition.get("removed", ())),
        )
        for definition in said.get("definitions", ())
    ]
    return {"catalog": catalog, "assignments": assignments, "definitions": definitions}
