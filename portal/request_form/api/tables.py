"""A request for tables over the API: its input, a forecast of it, and the principals it may name."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.products.may import visible_products
from catalog.products.offers.states import Use
from identity.accounts.models import Principal
from identity.errors import RefusedError
from identity.people.models import Person
from lakeformation.values.row_rules import LONGEST
from portal.api.fields import LARGEST, EndField, OptionalIdField, TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import BEFORE, LIMIT, documented
from portal.api.pagination import newest_first, page_answer, page_of
from portal.api.serializers import PrincipalOut
from portal.pages.signed_in import person_of
from portal.request_form.api.demands import DemandsOut, SaidIn, demands_out
from requests_app.grants.coverage import describe_coverage, find_covering_grants
from requests_app.submission.form_checks import MAX_ITEMS
from requests_app.submission.preview import RequestDraft, preview_item
from requests_app.targets.recipients import Recipient, list_recipients, list_requestable_principals
from requests_app.targets.requested_item import RequestedItem

MOST_COLUMNS, LONGEST_NAME = 5000, 255


class ItemOfTableIn(serializers.Serializer[Any]):
    """What of a table."""

    columns = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_NAME), default=list, max_length=MOST_COLUMNS
    )
    whole_table = serializers.BooleanField(default=False, help_text="columns that come later, too")
    row_rule = serializers.CharField(
        default="",
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST,
        help_text="only rows that pass it: columns compared with literals, IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT",
    )
    metadata_only = serializers.BooleanField(default=False, help_text="names and types of columns, no data")


class AcceptsIn(serializers.ListField):
    """Ids of the terms of offers that you accept with this."""

    child = serializers.IntegerField(min_value=1, max_value=LARGEST)

    def __init__(self) -> None:
        super().__init__(default=list, max_length=MAX_ITEMS, help_text="ids of terms that you accept")


class ItemIn(ItemOfTableIn):
    table = serializers.IntegerField(min_value=1, help_text="the table's id")
    product = serializers.SlugField(required=False, allow_null=True, default=None)
    offer = OptionalIdField("the version of an offer under which you ask")
    use = serializers.ChoiceField(
        Use.choices, default="", allow_blank=True, help_text="how it will be used; an offer demands it"
    )


class GroupField(OptionalIdField):
    """A local group of the account that is named as the principal."""

    def __init__(self) -> None:
        super().__init__(
            "id of a local group of the account that is named as the principal: for whom it is passed on"
        )


class AheadIn(serializers.Serializer[Any]):
    """What you might ask for."""

    principal = serializers.CharField(
        max_length=600, help_text="ARN of a role or user of your teams' accounts; for an account, its id"
    )
    group = GroupField()
    team = serializers.SlugField(required=False, help_text="for which of your teams; else the account's")
    purpose = TextIn(allow_blank=True)
    ends_at = EndField()
    items: serializers.ListSerializer[Any] = serializers.ListSerializer(child=ItemIn(), max_length=MAX_ITEMS)


class RequestIn(AheadIn, SaidIn):
    """`submission_key` is yours: sent again under the same key, a request is one request."""

    submission_key = serializers.CharField(max_length=64)
    accepts = AcceptsIn()


class ForeseenOut(serializers.Serializer[Any]):
    """What would become of one table of it, and what rules demand with it."""

    table = serializers.IntegerField()
    happens = serializers.CharField()
    demands = DemandsOut()


class AheadView(APIView):
    @documented(
        "foresee_request",
        "What would become of an ask, and what rules demand with it; nothing is sent",
        ForeseenOut(many=True),
        takes=AheadIn,
        errors=(400,),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = AheadIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, values, now = person_of(request), given.validated_data, clock.now()
        reader = reader_in(person, values)
        words = RequestDraft(
            person, reader.principal, values["purpose"], values["ends_at"], now, reader.group
        )
        asks = [ask_in(person, item) for item in values["items"]]
        had = find_covering_grants(asks, principal=reader.principal, ends_at=words.ends_at)
        found = []
        for ask in asks:
            one = preview_item(words, ask)
            happens = describe_coverage(had[ask.table_id]) if ask.table_id in had else one.happens
            demands = demands_out(person, one.verdict.demands)
            found.append({"table": ask.table_id, "happens": happens, "demands": demands})
        return Response(found)


class PrincipalsView(APIView):
    @documented(
        "list_principals",
        "Roles and users for which you may ask",
        page_of(PrincipalOut),
        parameters=(LIMIT, BEFORE),
    )
    def get(self, request: Request) -> Response:
        rows, following = newest_first(list_requestable_principals(person_of(request)), request)
        return page_answer(PrincipalOut(rows, many=True).data, following)


def reader_in(person: Person, values: Mapping[str, Any]) -> Recipient:
    """By `principal` and `group`. RefusedError for one that is not theirs to ask for."""
    if values["group"] is None:
        return Recipient(principal_in(person, values["principal"]))
    named = (values["principal"], values["group"])
    for one in list_recipients(person):
        if one.group and (one.principal.arn, one.group.pk) == named:
            return one
    raise RefusedError("This account of your teams has no such group.", "group")


def principal_in(person: Person, arn: str) -> Principal:
    """RefusedError for one that is not theirs to ask for."""
    found = list_requestable_principals(person).filter(arn=arn).first()
    if found is None:
        raise RefusedError("This role or user is unknown, or in no account of your teams.", "principal")
    return found


def ask_in(person: Person, item: dict[str, Any]) -> RequestedItem:
    """What was sent as `ItemIn`. RefusedError for an unknown product."""
    product = None
    if item["product"]:
        product = visible_products(person).filter(slug=item["product"]).first()
        if product is None:
            raise RefusedError(f"There is no data product {item['product']}.", "items")
    return RequestedItem(
        item["table"],
        tuple(item["columns"]),
        item["whole_table"],
        product.pk if product else None,
        item["row_rule"],
        item["metadata_only"],
        item["offer"],
        item["use"],
    )
