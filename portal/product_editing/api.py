"""Data products: create, draft, publish, and their history."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.mirror.models import Table
from catalog.products.fields import (
    MAX_HOURS,
    MAX_KEYWORD_LENGTH,
    MAX_KEYWORDS,
    MAX_LENGTHS,
    MAX_PERCENT,
    PERCENT_DIGITS,
    VALUE_FIELDS,
    FieldKind,
    ProductField,
)
from catalog.products.links import MAX_LINKS, MAX_URL_LENGTH, LinkKind
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, SharingTerms
from catalog.revisions.actions import (
    MAX_NOTE_LENGTH,
    choose_inputs,
    create_product,
    discard_product_draft,
    publish_product_draft,
    save_product_draft,
)
from catalog.revisions.content import (
    MAX_INPUTS,
    ProductContent,
    compare_content,
    compute_state_digest,
    parse_content,
    read_content,
)
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import get_draft, get_editable_product, list_published_revisions
from catalog.revisions.versions import MAX_TABLES
from identity.people.models import Person
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.etags import ETAG, IF_MATCH, check_match, quote_etag
from portal.api.fields import IdIn, ReferenceIn, TextOut, TimeOut
from portal.api.openapi import documented
from portal.api.references import OptionalReference, Reference, ReferenceOut, refer_to
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.products.api import DataProductOut, build_member, insert_members
from portal.products.api import DataProductsView as ListView

STATE_MEMBERS = {"based_on": "", "shown": ""}
"""The state that was read comes as a header."""
DRAFT_MEMBERS = {**STATE_MEMBERS, **{f"{kind}_links": f"links.{kind}" for kind in LinkKind.values}}


@dataclass(frozen=True)
class ShownDraft:
    """`content` is the draft's, or the product's `own` where there is no draft."""

    product: DataProduct
    own: ProductContent
    content: ProductContent
    draft: ProductRevision | None

    @property
    def etag(self) -> str:
        return quote_etag(self.digest)

    @cached_property
    def digest(self) -> str:
        return compute_state_digest(self.product, self.draft)

    @property
    def owner(self) -> Person:
        return Person.objects.get(pk=self.content.owner)

    @property
    def tables(self) -> Sequence[Table]:
        """In the order of the content."""
        found = Table.objects.in_bulk(self.content.tables)
        return [found[pk] for pk in self.content.tables if pk in found]

    @property
    def changed(self) -> list[str]:
        return [one.field for one in compare_content(self.own.to_json(), self.content.to_json())]


class DataProductDraftOut(serializers.Serializer[Any]):
    """What a data product is to say. Without a draft it is what the product says, and `written_by` is null. `changed` has the
    members that differ from the product. Send the `ETag` as `If-Match` when you write, publish or discard.
    """

    data_product = Reference(source="product")
    owner = Reference()
    inputs = serializers.SerializerMethodField()
    tables = serializers.SerializerMethodField()
    changed = serializers.ListField(child=serializers.CharField())
    note = TextOut(source="draft.note", default=None)
    written_by = OptionalReference(source="draft.written_by")
    written_at = TimeOut(source="draft.written_at", allow_null=True, default=None)

    def get_fields(self) -> dict[str, Any]:
        members = {one.name: build_member(one, source=f"content.{one.name}") for one in VALUE_FIELDS}
        return insert_members(super().get_fields(), members, before="owner")

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_inputs(self, shown: ShownDraft) -> list[dict[str, Any]]:
        """Returns the inputs that you can see."""
        person = get_signed_in_person(self.context["request"])
        rows = visible_products(person).filter(pk__in=shown.content.inputs).order_by("slug")
        return [refer_to(product, self.context["request"]) for product in rows]

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_tables(self, shown: ShownDraft) -> list[dict[str, Any]]:
        return [refer_to(table, self.context["request"]) for table in shown.tables]


class DataProductRevisionOut(serializers.Serializer[Any]):
    """A published revision. `changed` has the members that differed from the product before."""

    number = serializers.IntegerField()
    version = TextOut(help_text="of the contract; null of revisions from before there were versions")
    changed = serializers.SerializerMethodField()
    note = TextOut()
    written_by = Reference()
    published_by = Reference()
    published_at = TimeOut()

    def get_changed(self, revision: ProductRevision) -> list[str]:
        return [one.field for one in compare_content(revision.before, revision.content)]


def _build_input(field: ProductField) -> Any:
    """What a draft takes for a field that is a column of the product."""
    match field.kind:
        case FieldKind.HOURS:
            return serializers.IntegerField(min_value=1, max_value=MAX_HOURS, required=False, allow_null=True)
        case FieldKind.PERCENT:
            return serializers.DecimalField(
                max_digits=PERCENT_DIGITS + 3,
                decimal_places=PERCENT_DIGITS,
                min_value=0,
                max_value=MAX_PERCENT,
                required=False,
                allow_null=True,
            )
        case FieldKind.SHARING_TERMS:
            return serializers.ChoiceField(choices=SharingTerms.values, required=False)
        case FieldKind.KEYWORDS:
            word = serializers.CharField(max_length=MAX_KEYWORD_LENGTH)
            return serializers.ListField(child=word, required=False, max_length=MAX_KEYWORDS)
        case FieldKind.LINKS:
            return DataProductLinksIn(required=False)
        case _:
            return serializers.CharField(
                max_length=field.max_length, required=False, allow_blank=not field.required
            )


def _urls() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=MAX_URL_LENGTH), required=False, max_length=MAX_LINKS
    )


class DataProductLinksIn(StrictSerializer):
    """Web addresses by kind. A kind that is left out has none."""

    code = _urls()
    pipeline = _urls()
    dashboard = _urls()
    documentation = _urls()


class DataProductDraftIn(StrictSerializer):
    """What changes in the draft. What is left out stays."""

    owner = IdIn(required=False)
    inputs = serializers.ListField(child=ReferenceIn(), required=False, max_length=MAX_INPUTS)
    tables = serializers.ListField(child=IdIn(), required=False, max_length=MAX_TABLES)
    note = serializers.CharField(max_length=MAX_NOTE_LENGTH, required=False, allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        members = {one.name: _build_input(one) for one in VALUE_FIELDS}
        return insert_members(super().get_fields(), members, before="owner")

    @staticmethod
    def build_arguments(person: Person, said: dict[str, Any], slug: str) -> dict[str, Any]:
        shown = _show(person, slug)
        if "inputs" in said:
            said["inputs"] = choose_inputs(person, said["inputs"], shown.content.inputs)
        note = said.pop("note", shown.draft.note if shown.draft else "")
        return {"slug": slug, "content": parse_content(said, shown.content), "note": note}


class DataProductIn(StrictSerializer):
    """A new data product. Only its team sees it until its first draft is published."""

    domain = ReferenceIn()
    name = serializers.CharField(max_length=MAX_LENGTHS["name"])
    summary = serializers.CharField(max_length=MAX_LENGTHS["summary"])
    owner = IdIn()


class DataProductsView(ListView):
    members: ClassVar = {"domain": "domain"}

    post = Endpoints(DataProductOut).create(
        "create_data_product",
        "Create a data product",
        create_product,
        takes=DataProductIn,
        shows_result=True,
        errors=(404,),
        description="It is unpublished and has no tables. Change its draft next, and publish that.",
    )


def _show(person: Person, slug: str) -> ShownDraft:
    product = get_editable_product(person, slug)
    draft, own = get_draft(product), read_content(product)
    return ShownDraft(product, own, parse_content(draft.content, own) if draft else own, draft)


DRAFTS = Endpoints(DataProductDraftOut, _show, digest=lambda shown: shown.digest)


class DraftView(APIView):
    members: ClassVar = DRAFT_MEMBERS

    get = DRAFTS.read("get_data_product_draft", "Get the draft of a data product", parameters=(ETAG,))

    patch = DRAFTS.act(
        "update_data_product_draft",
        "Change the draft of a data product",
        save_product_draft,
        takes=DataProductDraftIn,
        build=DataProductDraftIn.build_arguments,
        matches="based_on",
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
        description="Creates the draft if there is none. The product stays as it is until the draft is published.",
    )


class PublicationIn(StrictSerializer):
    """`accepts_breaking`: you know that the change may break consumers' queries. Needed for a new major version."""

    accepts_breaking = serializers.BooleanField(required=False, default=False)


class PublishView(APIView):
    members: ClassVar = STATE_MEMBERS

    @documented(
        "publish_data_product_draft",
        "Publish the draft of a data product",
        DataProductOut,
        takes=PublicationIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH,),
    )
    def post(self, request: Request, slug: str) -> Response:
        body = read_body(PublicationIn, request)
        person = get_signed_in_person(request)
        shown = _show(person, slug)
        check_match(request, shown.etag)
        done = publish_product_draft(
            acting_user=person,
            slug=slug,
            shown=shown.digest,
            now=get_request_time(request),
            accepts_breaking=body["accepts_breaking"],
        )
        return Response(DataProductOut(done.product, context={"request": request}).data)


class DiscardView(APIView):
    members: ClassVar = STATE_MEMBERS

    post = DRAFTS.act(
        "discard_data_product_draft",
        "Discard the draft of a data product",
        discard_product_draft,
        matches="shown",
        errors=(404, 412, 428),
        parameters=(IF_MATCH,),
    )


class RevisionsView(APIView):
    get = rows_endpoint(
        "list_data_product_revisions",
        "List the published revisions of a data product",
        DataProductRevisionOut,
        lambda person, slug: list_published_revisions(get_editable_product(person, slug)),
    )
