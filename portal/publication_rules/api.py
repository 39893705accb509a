"""Publication rules: read, draft, put in force; what a product meets of them; exceptions."""

from typing import Any, ClassVar

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.products.models import DataProduct
from catalog.publication_rules.actions import (
    MAX_NOTE_LENGTH,
    allow_rule_exception,
    discard_publication_rules,
    end_rule_exception,
    may_save_publication_rules,
    put_publication_rules_in_force,
    save_publication_rules,
)
from catalog.publication_rules.queries import (
    check_products,
    compute_rules_digest,
    get_rules_draft,
    get_rules_in_force,
)
from catalog.publication_rules.rules import MAX_WORDS, REQUIRABLE_FIELDS, Rules
from catalog.revisions.queries import get_draft, get_editable_product
from catalog.revisions.rule_results import check_draft
from identity.people.models import Person
from kernel.errors import require_allowed
from portal.api.etags import ETAG, IF_MATCH, check_match, quote_etag
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

STATE_MEMBERS = {"based_on": "", "shown": ""}
"""The state that was read comes as a header."""


class RulesOut(serializers.Serializer[Any]):
    """What a data product must meet. `description_words` is how many words its description has at least; without `tiers`, every tier
    can be published.
    """

    active_owner = serializers.BooleanField()
    description_words = serializers.IntegerField()
    required_fields = serializers.ListField(child=EnumOut(tuple(REQUIRABLE_FIELDS)))
    classified_columns = serializers.BooleanField()
    classified_personal_columns = serializers.BooleanField()
    own_tables = serializers.BooleanField()
    tiers = serializers.ListField(child=EnumOut(DataProduct.Tier.values))


class PublicationRulesOut(serializers.Serializer[Any]):
    """The rules in force, and the draft of the next ones, which may be null. Send the `ETag` as `If-Match` when you write."""

    in_force = RulesOut()
    draft = RulesOut(allow_null=True)
    note = TextOut(help_text="of the draft")
    written_by = OptionalReference()
    written_at = TimeOut(allow_null=True)


class RulesIn(StrictSerializer):
    """All rules of the draft. What is left out is no rule."""

    active_owner = serializers.BooleanField(default=False)
    description_words = serializers.IntegerField(min_value=0, max_value=MAX_WORDS, default=0)
    required_fields = serializers.ListField(
        child=serializers.ChoiceField(tuple(REQUIRABLE_FIELDS)),
        default=list,
        max_length=len(REQUIRABLE_FIELDS),
    )
    classified_columns = serializers.BooleanField(default=False)
    classified_personal_columns = serializers.BooleanField(default=False)
    own_tables = serializers.BooleanField(default=False)
    tiers = serializers.ListField(
        child=serializers.ChoiceField(DataProduct.Tier.values), default=list, max_length=len(DataProduct.Tier)
    )
    note = serializers.CharField(max_length=MAX_NOTE_LENGTH)


class RuleResultOut(serializers.Serializer[Any]):
    """A rule, and what a data product lacks of it: `problem` is null where it is met, `exception` is why it need not be."""

    rule = serializers.CharField(source="key")
    text = serializers.CharField()
    is_met = serializers.BooleanField()
    problem = TextOut()
    exception = TextOut()


class ProductResultsOut(serializers.Serializer[Any]):
    """What a data product meets of the rules."""

    data_product = Reference(source="product")
    results = RuleResultOut(many=True)


class RuleExceptionIn(StrictSerializer):
    """A rule that the data product need not meet, and why."""

    rule = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=MAX_NOTE_LENGTH)


class RuleExceptionOut(serializers.Serializer[Any]):
    """An exception of a data product from a rule."""

    data_product = Reference(source="product")
    rule = serializers.CharField(source="key")
    reason = serializers.CharField()
    allowed_by = Reference()
    allowed_at = TimeOut()
    ended_at = TimeOut(allow_null=True)


class PublicationRulesView(APIView):
    members: ClassVar = STATE_MEMBERS

    @documented("get_publication_rules", "Get the publication rules", PublicationRulesOut, parameters=(ETAG,))
    def get(self, request: Request) -> Response:
        _get_governor(request)
        return _answer(request)

    @documented(
        "update_publication_rules",
        "Change the draft of the publication rules",
        PublicationRulesOut,
        takes=RulesIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
        description="Creates the draft if there is none. It changes nothing until it is in force.",
    )
    def patch(self, request: Request) -> Response:
        person, digest = _check_shown(request)
        said = read_body(RulesIn, request)
        note = said.pop("note")
        lists = {name: tuple(said[name]) for name in ("required_fields", "tiers")}
        save_publication_rules(
            acting_user=person,
            rules=Rules(**{**said, **lists}),
            note=note,
            based_on=digest,
            now=get_request_time(request),
        )
        return _answer(request)


class PutInForceView(APIView):
    members: ClassVar = STATE_MEMBERS

    @documented(
        "put_publication_rules_in_force",
        "Put the draft of the publication rules in force",
        PublicationRulesOut,
        takes=EmptyIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
        description="Published data products stay published.",
    )
    def post(self, request: Request) -> Response:
        read_body(EmptyIn, request)
        person, digest = _check_shown(request)
        put_publication_rules_in_force(acting_user=person, shown=digest, now=get_request_time(request))
        return _answer(request)


class DiscardView(APIView):
    members: ClassVar = STATE_MEMBERS

    @documented(
        "discard_publication_rules",
        "Discard the draft of the publication rules",
        PublicationRulesOut,
        takes=EmptyIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
    )
    def post(self, request: Request) -> Response:
        read_body(EmptyIn, request)
        person, digest = _check_shown(request)
        discard_publication_rules(acting_user=person, shown=digest, now=get_request_time(request))
        return _answer(request)


class ResultsView(APIView):
    @documented(
        "list_publication_rule_results",
        "List what published data products meet of the rules",
        listed(ProductResultsOut),
        parameters=LIST,
        description="Of the draft of the rules if there is one, else of those in force.",
    )
    def get(self, request: Request) -> Any:
        _get_governor(request)
        draft = get_rules_draft()
        rules = Rules.from_json(draft.rules) if draft else get_rules_in_force()
        return answer_list(request, check_products(rules), ProductResultsOut)


class DraftResultsView(APIView):
    @documented(
        "get_data_product_draft_results",
        "Get what the draft of a data product meets of the rules",
        ProductResultsOut,
    )
    def get(self, request: Request, slug: str) -> Response:
        person = get_signed_in_person(request)
        product = get_editable_product(person, slug)
        results = check_draft(person, product, get_draft(product), get_request_time(request))
        said = {"product": product, "results": results}
        return Response(ProductResultsOut(said, context={"request": request}).data)


class RuleExceptionsView(APIView):
    members: ClassVar = {"key": "rule"}

    @documented(
        "allow_rule_exception",
        "Allow an exception from a publication rule",
        RuleExceptionOut,
        takes=RuleExceptionIn,
        status=201,
        errors=(403, 404),
    )
    def post(self, request: Request, slug: str) -> Response:
        said, person = read_body(RuleExceptionIn, request), get_signed_in_person(request)
        found = allow_rule_exception(
            acting_user=person,
            slug=slug,
            key=said["rule"],
            reason=said["reason"],
            now=get_request_time(request),
        )
        out = RuleExceptionOut(found, context={"request": request}).data
        return Response(out, status.HTTP_201_CREATED)


class EndRuleExceptionView(APIView):
    @documented(
        "end_rule_exception",
        "End an exception from a publication rule",
        RuleExceptionOut,
        takes=EmptyIn,
        errors=(403, 404),
    )
    def post(self, request: Request, slug: str, key: str) -> Response:
        read_body(EmptyIn, request)
        person = get_signed_in_person(request)
        found = end_rule_exception(acting_user=person, slug=slug, key=key, now=get_request_time(request))
        return Response(RuleExceptionOut(found, context={"request": request}).data)


def _get_governor(request: Request) -> Person:
    person = get_signed_in_person(request)
    require_allowed(may_save_publication_rules(person))
    return person


def _check_shown(request: Request) -> tuple[Person, str]:
    person, digest = _get_governor(request), compute_rules_digest()
    check_match(request, quote_etag(digest))
    return person, digest


def _answer(request: Request) -> Response:
    draft = get_rules_draft()
    said = {
        "in_force": get_rules_in_force(),
        "draft": Rules.from_json(draft.rules) if draft else None,
        "note": draft.note if draft else None,
        "written_by": draft.written_by if draft else None,
        "written_at": draft.written_at if draft else None,
    }
    out = PublicationRulesOut(said, context={"request": request}).data
    return Response(out, headers={"ETag": quote_etag(compute_rules_digest())})
