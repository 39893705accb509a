"""Recertification: campaigns with a line that you see, their lines, and the word on some of them."""

from typing import Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.mirror.models import Classification
from catalog.products.may import visible_products
from catalog.products.models import Domain
from identity.accounts.models import Account
from identity.errors import RefusedError
from portal.api.fields import EndField, TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import AFTER, BEFORE, LIMIT, documented
from portal.api.pagination import newest_first, oldest_first, page_answer, page_of
from portal.api.serializers import GrantWithUseOut, PersonOut, ReasonIn
from portal.pages.signed_in import person_of
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH
from requests_app.access_reviews.actions import (
    MAX_DECISIONS,
    MAX_NAME_LENGTH,
    call_off_campaign,
    keep_lines,
    revoke_lines,
    start_campaign,
)
from requests_app.access_reviews.evidence import build_campaign_evidence, build_line_evidence
from requests_app.access_reviews.models import Campaign
from requests_app.access_reviews.queries import count_lines, get_campaign, list_campaigns, list_lines
from requests_app.access_reviews.scope import MAX_UNUSED_DAYS, AccessReviewScope
from requests_app.grants.usage import get_last_uses


class TallyOut(serializers.Serializer[Any]):
    """Lines that you see: waiting, kept, revoked, ended as nobody kept them, ended meanwhile."""

    open = serializers.IntegerField()
    kept = serializers.IntegerField()
    revoked = serializers.IntegerField()
    defaulted = serializers.IntegerField()
    ended = serializers.IntegerField()


class CampaignOut(serializers.Serializer[Any]):
    """What nobody keeps by `due_at` ends then. A filter that is null or empty leaves nothing out."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    started_by = PersonOut()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    domain = serializers.CharField(source="domain.slug", allow_null=True, default=None)
    product = serializers.CharField(source="product.slug", allow_null=True, default=None)
    account = serializers.CharField(source="account.account_id", allow_null=True, default=None)
    classification = serializers.CharField(allow_blank=True)
    unused_days = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(help_text="open, closed, called_off")
    closed_at = serializers.DateTimeField(allow_null=True)
    tally = serializers.SerializerMethodField()

    @extend_schema_field(TallyOut)  # type: ignore[untyped-decorator]
    def get_tally(self, campaign: Campaign) -> dict[str, Any]:
        return cast("dict[str, Any]", TallyOut(self.context["tallies"][campaign.pk]).data)


class CampaignLineOut(serializers.Serializer[Any]):
    """One grant and the word on it. `until` is the earlier end that keeping it gave it."""

    id = serializers.IntegerField()
    grant = GrantWithUseOut()
    state = serializers.CharField(help_text="open, kept, revoked, defaulted, ended")
    answered_by = PersonOut(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    until = serializers.DateTimeField(allow_null=True)


class StartIn(serializers.Serializer[Any]):
    """`key` is yours: sent again under it, it is one campaign. With `unused_days`, only grants that were there
    all these days and that nobody used in them, in catalogs whose CloudTrail files tell of all of them.
    """

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    due_at = EndField()
    domain = serializers.SlugRelatedField(
        "slug", queryset=Domain.objects.all(), allow_null=True, default=None
    )
    product = serializers.SlugField(allow_null=True, default=None)
    account = serializers.SlugRelatedField(
        "account_id", queryset=Account.objects.all(), allow_null=True, default=None
    )
    classification = serializers.ChoiceField(choices=Classification.choices, allow_blank=True, default="")
    unused_days = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, max_value=MAX_UNUSED_DAYS
    )
    key = serializers.CharField(max_length=MAX_KEY_LENGTH)


class AnswerIn(serializers.Serializer[Any]):
    """`until`, only to keep: an earlier end. All lines are answered or none; those that have their answer are left out."""

    answer = serializers.RegexField("^(keep|revoke)$", help_text="keep or revoke")
    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MAX_DECISIONS
    )
    reason = TextIn(allow_blank=True)
    until = EndField(allow_null=True, default=None)


class CampaignsView(APIView):
    @documented(
        "list_campaigns", "Campaigns with a line that you see, newest first", page_of(CampaignOut),
        parameters=(LIMIT, BEFORE),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        person = person_of(request)
        rows, following = newest_first(list_campaigns(person), request)
        context = {"tallies": count_lines(person, rows)}
        return page_answer(CampaignOut(rows, many=True, context=context).data, following)

    @documented(
        "start_campaign", "Ask for a word on each grant that is live in a scope", CampaignOut,
        takes=StartIn, status=201, errors=(400,), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request) -> Response:
        given = StartIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, said = person_of(request), given.validated_data
        campaign = start_campaign(
            acting_user=person, name=said["name"], scope=_scope(request, said), due_at=said["due_at"],
            key=said["key"], now=clock.now(),
        )  # fmt: skip
        return _campaign(request, campaign.pk, status.HTTP_201_CREATED)


class CampaignView(APIView):
    @documented("show_campaign", "A campaign and how far it has come", CampaignOut)
    def get(self, request: Request, pk: int) -> Response:
        return _campaign(request, pk)


class CampaignLinesView(APIView):
    @documented(
        "list_campaign_lines", "Its lines that you see", page_of(CampaignLineOut), parameters=(LIMIT, AFTER)
    )
    def get(self, request: Request, pk: int) -> Response:
        person = person_of(request)
        rows, following = oldest_first(list_lines(person, get_campaign(person, pk)), request)
        context = {"now": clock.now(), "uses": get_last_uses([line.grant for line in rows])}
        return page_answer(CampaignLineOut(rows, many=True, context=context).data, following)


class CampaignAnswerView(APIView):
    @documented(
        "answer_campaign", "Keep or revoke several lines with one reason", CampaignOut,
        takes=AnswerIn, errors=(400, 404), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = AnswerIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        words: dict[str, Any] = {
            "acting_user": person_of(request), "campaign_id": pk, "line_ids": said["lines"],
            "reason": said["reason"], "now": clock.now(),
        }  # fmt: skip
        if said["answer"] == "keep":
            keep_lines(**words, until=said["until"])
        else:
            revoke_lines(**words)
        return _campaign(request, pk)


class CallOffView(APIView):
    @documented(
        "call_off_campaign", "Ask no more: what nobody answered goes on", CampaignOut,
        takes=ReasonIn, errors=(400, 404, 409), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = ReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        call_off_campaign(
            acting_user=person_of(request), campaign_id=pk, **given.validated_data, now=clock.now()
        )
        return _campaign(request, pk)


class EvidenceView(APIView):
    @documented(
        "campaign_evidence", "The evidence: every line, its word, its proof, its link in the chain",
        {(200, "application/json"): {"type": "object"}},
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        person = person_of(request)
        campaign = get_campaign(person, pk)
        lines = build_line_evidence(list_lines(person, campaign))
        return Response({**build_campaign_evidence(campaign), "lines": lines})


def _scope(request: Request, said: dict[str, Any]) -> AccessReviewScope:
    product = None
    if said["product"]:
        product = visible_products(person_of(request)).filter(slug=said["product"]).first()
        if product is None:
            raise RefusedError(_("There is no such data product."), "product")
    return AccessReviewScope(
        said["domain"], product, said["account"], said["classification"], said["unused_days"]
    )


def _campaign(request: Request, pk: int, code: int = status.HTTP_200_OK) -> Response:
    person = person_of(request)
    campaign = get_campaign(person, pk)
    context = {"tallies": count_lines(person, [campaign])}
    return Response(CampaignOut(campaign, context=context).data, code)
