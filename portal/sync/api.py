"""Runs that read the catalogs, over the API."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.sync.actions import request_sync
from catalog.sync.may import may_request_sync
from catalog.sync.models import SyncRun
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError
from portal.api.fields import StateField
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import BEFORE, LIMIT, documented
from portal.api.pagination import newest_first, page_answer, page_of
from portal.pages.signed_in import person_of
from portal.sync.presenters import runs_shown


class SyncIn(serializers.Serializer[Any]):
    catalog = serializers.SlugField(help_text="the catalog's short name")


class SyncOut(serializers.Serializer[Any]):
    """One reading of a catalog; it waits while `started_at` is null."""

    id = serializers.IntegerField(source="run.id")
    catalog = serializers.CharField(source="run.catalog.short_name")
    requested_at = serializers.DateTimeField(source="run.requested_at")
    started_at = serializers.DateTimeField(source="run.started_at", allow_null=True)
    finished_at = serializers.DateTimeField(source="run.finished_at", allow_null=True)
    state = StateField(source="state.state")
    state_reason = serializers.CharField(source="state.reason", allow_blank=True)
    outcome = serializers.CharField(source="run.outcome")
    databases = serializers.IntegerField(source="run.databases")
    tables = serializers.IntegerField(source="run.tables")
    changed = serializers.IntegerField(source="run.changed")
    tombstoned = serializers.IntegerField(source="run.tombstoned")
    principals = serializers.IntegerField(source="run.principals")
    error = serializers.CharField(source="run.error", allow_blank=True)


class SyncsView(APIView):
    @documented(
        "list_syncs", "Readings of the catalogs, newest first", page_of(SyncOut), parameters=(LIMIT, BEFORE)
    )
    def get(self, request: Request) -> Response:
        if not may_request_sync(person_of(request)):
            raise NotFoundError
        rows, following = newest_first(SyncRun.objects.select_related("catalog"), request)
        return page_answer(SyncOut(runs_shown(rows), many=True).data, following)

    @documented(
        "request_sync",
        "Ask that a catalog be read now",
        SyncOut,
        takes=SyncIn,
        status=202,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = SyncIn(data=request.data)
        given.is_valid(raise_exception=True)
        catalog = ConnectedCatalog.objects.filter(short_name=given.validated_data["catalog"]).first()
        run = request_sync(
            acting_user=person_of(request), catalog_id=catalog.pk if catalog else 0, now=clock.now()
        )
        return Response(SyncOut(runs_shown([run])[0]).data, status.HTTP_202_ACCEPTED)
