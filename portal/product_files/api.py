"""Data products as files: read, planned, applied."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import get_product
from catalog.product_files.actions import apply_product_file
from catalog.product_files.formats import MAX_FILE_LENGTH, FileFormat, read_file
from catalog.product_files.plan import plan_file
from catalog.product_files.state import describe_product
from catalog.revisions.actions import MAX_NOTE_LENGTH
from portal.api.fields import EnumOut, TextOut
from portal.api.openapi import documented
from portal.api.references import ReferenceOut, refer_to
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_files.downloads import MEDIA_TYPES, answer_file
from portal.product_files.presenters import ShownPlan, build_plan
from portal.products.api import DataProductOut

FORMAT = OpenApiParameter(
    "format", str, enum=list(FileFormat), description="ODCS 3.1 if you send none. `odps` is Bitol's ODPS 1.1."
)


class FileFormatIn(StrictSerializer):
    format = serializers.ChoiceField(list(FileFormat), required=False, default=FileFormat.ODCS_3_1)


class FileIn(StrictSerializer):
    """`file` is the text of an ODCS 3 or ODPS 1 file. Its `id` is the data product's; one that is unknown is created."""

    file = serializers.CharField(max_length=MAX_FILE_LENGTH, trim_whitespace=False)


class FilePlanIn(FileIn):
    """`plan` is that of the plan that you looked at. `accepts_breaking` as for publishing a draft."""

    plan = serializers.CharField(max_length=64)
    note = serializers.CharField(max_length=MAX_NOTE_LENGTH, required=False, default="", allow_blank=True)
    accepts_breaking = serializers.BooleanField(required=False, default=False)


class FileDiffLineOut(serializers.Serializer[Any]):
    """`sign` is `+` for what is added, `-` for what is removed, null for what stays."""

    sign = TextOut()
    text = serializers.CharField(allow_blank=True)


class FileChangeOut(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    lines = FileDiffLineOut(many=True)


class FileDriftOut(serializers.Serializer[Any]):
    """Where the file and the portal differ in what a file does not change, with the place in the file."""

    path = serializers.CharField()
    line = serializers.IntegerField()
    text = serializers.CharField()


class FilePlaceOut(serializers.Serializer[Any]):
    path = serializers.CharField()
    line = serializers.IntegerField()


class FilePlanOut(serializers.Serializer[Any]):
    """What applying the file would do. `data_product` is null for one that would be created. `changes` are those that its revision
    will show. `not_kept` is what the standard knows and Meshmarket does not hold. `problem` is why it would be refused, or null.
    Send `plan` when you apply the file.
    """

    data_product = serializers.SerializerMethodField()
    plan = serializers.CharField(source="plan.digest")
    has_changes = serializers.BooleanField(source="plan.has_changes")
    publishes = serializers.BooleanField(source="plan.publishes")
    version = TextOut(help_text="of the contract that it becomes; null if nothing is published")
    changes = FileChangeOut(many=True)
    breaking_changes = serializers.ListField(child=serializers.CharField())
    drift = FileDriftOut(many=True)
    not_kept = serializers.SerializerMethodField()
    problem = TextOut()

    @extend_schema_field(ReferenceOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_data_product(self, shown: ShownPlan) -> dict[str, Any] | None:
        product = shown.plan.product
        return refer_to(product, self.context["request"]) if product else None

    @extend_schema_field(FilePlaceOut(many=True))  # type: ignore[untyped-decorator]
    def get_not_kept(self, shown: ShownPlan) -> list[dict[str, Any]]:
        return [{"path": path, "line": line} for path, line in shown.not_kept]


class FileAppliedOut(serializers.Serializer[Any]):
    """`revision` is what the words became: `draft` waits to be published; null if they stay."""

    data_product = DataProductOut(source="product")
    revision = serializers.SerializerMethodField()

    @extend_schema_field(EnumOut(["draft", "published"], allow_null=True))  # type: ignore[untyped-decorator]
    def get_revision(self, applied: Any) -> str | None:
        return applied.revision.state if applied.revision else None


class FileView(APIView):
    @documented(
        "get_data_product_file",
        "Get a data product as a file",
        {
            (200, kind.split(";")[0]): OpenApiTypes.OBJECT if "json" in kind else OpenApiTypes.STR
            for kind in MEDIA_TYPES.values()
        },
        parameters=(FORMAT,),
        description="Applied unchanged, it changes nothing. DPROD is JSON-LD and can't be applied.",
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        person = get_signed_in_person(request)
        said = FileFormatIn(data=request.query_params.dict())
        said.is_valid(raise_exception=True)
        kind = FileFormat(said.validated_data["format"])
        return answer_file(describe_product(person, get_product(person, slug)), kind)


class PlanView(APIView):
    @documented(
        "plan_data_product_file",
        "See what a file would change",
        FilePlanOut,
        takes=FileIn,
        errors=(404,),
        description="Writes nothing.",
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(FileIn, request), get_signed_in_person(request)
        shown = build_plan(plan_file(person, read_file(said["file"])))
        return Response(FilePlanOut(shown, context={"request": request}).data)


class ApplyView(APIView):
    members: ClassVar = {"shown": "plan"}

    @documented(
        "apply_data_product_file",
        "Apply a file to its data product",
        FileAppliedOut,
        takes=FilePlanIn,
        errors=(404,),
        description="All of the plan or nothing. A file whose status is `draft` is saved as a draft, any other one is published.",
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(FilePlanIn, request), get_signed_in_person(request)
        applied = apply_product_file(
            acting_user=person,
            text=said["file"],
            shown=said["plan"],
            note=said["note"],
            now=get_request_time(request),
            accepts_breaking=said["accepts_breaking"],
        )
        return Response(FileAppliedOut(applied, context={"request": request}).data)
