"""Break-glass: standing consents, taking access under one, the second name, the end and the review."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.mirror.models import Table
from catalog.products.models import Domain
from identity.accounts.models import Principal
from identity.errors import RefusedError, demand
from identity.people.models import Person
from portal.api.fields import EndField, TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import BEFORE, LIMIT, documented
from portal.api.pagination import newest_first, page_answer, page_of
from portal.api.serializers import EffectsOut, PersonOut, PrincipalOut, TableNameOut
from portal.pages.row_ids import ids_in
from portal.pages.signed_in import person_of
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH
from requests_app.access_requests.models import Item
from requests_app.break_glass.actions import (
    MAX_TABLES,
    confirm_break_glass,
    end_break_glass,
    give_consent,
    review_break_glass,
    take_break_glass,
    withdraw_consent,
)
from requests_app.break_glass.may import may_give_consent
from requests_app.break_glass.models import MAX_HOURS, BreakGlass
from requests_app.break_glass.queries import (
    get_consent,
    get_session,
    list_consents,
    list_session_items,
    list_sessions,
)
from requests_app.break_glass.states import BreakGlassState
from requests_app.review.approval_hash import compute_approval_hash
from requests_app.targets.access import compute_effects


class CoveredOut(serializers.Serializer[Any]):
    """All rows; these columns, or all where none is named."""

    table = TableNameOut()
    columns = serializers.ListField(child=serializers.CharField())


class ConsentOut(serializers.Serializer[Any]):
    """`taker` may open these tables as `principal` for `hours` at most, when `second` confirms."""

    id = serializers.IntegerField()
    domain = serializers.CharField(source="domain.slug")
    given_by = PersonOut()
    given_at = serializers.DateTimeField()
    taker = PersonOut()
    second = PersonOut()
    principal = PrincipalOut()
    covered = CoveredOut(many=True)
    hours = serializers.IntegerField()
    until = serializers.DateTimeField()
    reason = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class BreakGlassOut(serializers.Serializer[Any]):
    """`request` has the items, with effects at each item's review; unconfirmed at `lapses_at`, owners decide."""

    id = serializers.IntegerField()
    consent = serializers.IntegerField(source="consent_id")
    request = serializers.IntegerField(source="request_id")
    taken_by = PersonOut()
    taken_at = serializers.DateTimeField()
    lapses_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(source="request.ends_at")
    state = serializers.CharField(help_text="asked, confirmed, reviewed")
    is_live = serializers.BooleanField()
    confirmed_by = PersonOut(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    reviewed_by = PersonOut(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    review = serializers.CharField(allow_blank=True)


class ItemEffectsOut(serializers.Serializer[Any]):
    """One table of it, and what confirming makes true."""

    item = serializers.IntegerField()
    effects_hash = serializers.CharField()
    effects = EffectsOut()


class BreakGlassDetailOut(BreakGlassOut):
    """`effects`, while it waits for the second name: confirm with each item's `effects_hash`. Null afterwards."""

    effects = serializers.SerializerMethodField()

    @extend_schema_field(ItemEffectsOut(many=True, allow_null=True))  # type: ignore[untyped-decorator]
    def get_effects(self, taken: BreakGlass) -> list[dict[str, Any]] | None:
        if taken.state != BreakGlassState.ASKED:
            return None
        items = list_session_items(taken)
        return list(ItemEffectsOut([_item_effects(item) for item in items], many=True).data)


def _item_effects(item: Item) -> dict[str, Any]:
    effects = compute_effects(item)
    return {"item": item.pk, "effects_hash": compute_approval_hash(item, effects), "effects": effects}


class ConsentIn(serializers.Serializer[Any]):
    """`key` is yours: sent again under it, it is one consent. `columns` by the table's number: of a table that is not
    named, all.
    """

    domain = serializers.SlugRelatedField("slug", queryset=Domain.objects.all())
    taker = serializers.PrimaryKeyRelatedField(queryset=Person.objects.filter(is_active=True))
    second = serializers.PrimaryKeyRelatedField(queryset=Person.objects.filter(is_active=True))
    principal = serializers.SlugRelatedField(
        "arn", queryset=Principal.objects.filter(gone_at=None, is_portal=False)
    )
    tables = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MAX_TABLES
    )
    columns = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=255), min_length=1), required=False
    )
    hours = serializers.IntegerField(min_value=1, max_value=MAX_HOURS)
    until = EndField()
    reason = TextIn(allow_blank=True)
    key = serializers.CharField(max_length=MAX_KEY_LENGTH)

    def validate_columns(self, columns: dict[str, list[str]]) -> dict[int, list[str]]:
        if len(found := dict(zip(ids_in(columns), columns.values(), strict=False))) < len(columns):
            raise serializers.ValidationError("Tables are named by their numbers.")
        return found


class TakeIn(serializers.Serializer[Any]):
    """`key` is yours: sent again under it, it is one."""

    consent = serializers.IntegerField(min_value=1)
    hours = serializers.IntegerField(min_value=1, max_value=MAX_HOURS)
    reason = TextIn(allow_blank=True)
    key = serializers.CharField(max_length=MAX_KEY_LENGTH)


class ConfirmIn(serializers.Serializer[Any]):
    """`effects`: the hash that was shown, by item."""

    effects = serializers.DictField(child=serializers.CharField(max_length=64))

    def validate_effects(self, effects: dict[str, str]) -> dict[int, str]:
        if not all(item.isascii() and item.isdecimal() for item in effects):
            raise serializers.ValidationError("Items are named by their numbers.")
        return {int(item): digest for item, digest in effects.items()}


class WordsIn(serializers.Serializer[Any]):
    words = TextIn(allow_blank=True)


class ConsentsView(APIView):
    @documented(
        "list_consents", "Standing consents that concern you, newest first", page_of(ConsentOut),
        parameters=(LIMIT, BEFORE),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        found = list_consents(person_of(request)).prefetch_related("covered__table__database__catalog")
        rows, following = newest_first(found, request)
        return page_answer(ConsentOut(rows, many=True).data, following)

    @documented(
        "give_consent", "Agree ahead that a person opens tables of your domain for hours", ConsentOut,
        takes=ConsentIn, status=201, errors=(400,), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request) -> Response:
        given = ConsentIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, said = person_of(request), dict(given.validated_data)
        demand(may_give_consent(person, said["domain"]))
        said["tables"] = _tables(said["domain"], said["tables"])
        consent = give_consent(acting_user=person, **said, now=clock.now())
        return Response(ConsentOut(get_consent(person, consent.pk)).data, status.HTTP_201_CREATED)


class WithdrawConsentView(APIView):
    @documented("withdraw_consent", "Take a consent back", ConsentOut, parameters=(KEY,))
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        consent = withdraw_consent(acting_user=person_of(request), consent_id=pk, now=clock.now())
        return Response(ConsentOut(consent).data)


class BreakGlassesView(APIView):
    @documented(
        "list_break_glass", "Break-glass access that concerns you, newest first", page_of(BreakGlassOut),
        parameters=(LIMIT, BEFORE),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows, following = newest_first(list_sessions(person_of(request)), request)
        return page_answer(BreakGlassOut(rows, many=True).data, following)

    @documented(
        "take_break_glass", "Ask for what a consent covers, for hours", BreakGlassDetailOut,
        takes=TakeIn, status=201, errors=(400, 404), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request) -> Response:
        given = TakeIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = dict(given.validated_data)
        taken = take_break_glass(
            acting_user=person_of(request), consent_id=said.pop("consent"), **said, now=clock.now()
        )
        return _shown(request, taken.pk, status.HTTP_201_CREATED)


class BreakGlassView(APIView):
    @documented("show_break_glass", "One of them", BreakGlassDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        return _shown(request, pk)


class ConfirmBreakGlassView(APIView):
    @documented(
        "confirm_break_glass", "Put the second name to it, on the effects shown", BreakGlassDetailOut,
        takes=ConfirmIn, errors=(400, 404, 409), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = ConfirmIn(data=request.data)
        given.is_valid(raise_exception=True)
        confirm_break_glass(
            acting_user=person_of(request), break_glass_id=pk, shown=given.validated_data["effects"],
            now=clock.now(),
        )  # fmt: skip
        return _shown(request, pk)


class EndBreakGlassView(APIView):
    @documented(
        "end_break_glass", "End all that is live of it", BreakGlassDetailOut,
        takes=WordsIn, errors=(400, 404), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        words = _words(request)
        end_break_glass(acting_user=person_of(request), break_glass_id=pk, reason=words, now=clock.now())
        return _shown(request, pk)


class ReviewBreakGlassView(APIView):
    @documented(
        "review_break_glass", "Close its review with words", BreakGlassDetailOut,
        takes=WordsIn, errors=(400, 404, 409), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        words = _words(request)
        review_break_glass(acting_user=person_of(request), break_glass_id=pk, words=words, now=clock.now())
        return _shown(request, pk)


def _tables(domain: Domain, ids: list[int]) -> list[Table]:
    """RefusedError alike for a table of another domain, and for one that is not there."""
    found = Table.objects.filter(pk__in=ids, database__domain=domain, tombstoned_at=None)
    rows = list(found.select_related("database"))
    if len(rows) < len(set(ids)):
        raise RefusedError(_("Not all of these tables belong to the domain."), "tables")
    return rows


def _words(request: Request) -> str:
    given = WordsIn(data=request.data)
    given.is_valid(raise_exception=True)
    return str(given.validated_data["words"])


def _shown(request: Request, pk: int, code: int = status.HTTP_200_OK) -> Response:
    return Response(BreakGlassDetailOut(get_session(person_of(request), pk)).data, code)
