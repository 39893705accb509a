"""Sync runs: the portal reads a catalog."""

from typing import Any

from rest_framework import serializers
from rest_framework.views import APIView

from catalog.sync.runs import drop_sync, list_runs, request_sync, resume_sync
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.api.endpoints import Endpoints
from portal.api.fields import ReferenceIn, TextOut, TimeOut
from portal.api.references import OptionalReference, Reference, Resource, find_catalog_id
from portal.api.serializers import StrictSerializer
from portal.api.state_members import Stateful, state_members
from portal.lists.api import list_endpoint
from portal.sync.lists import SyncRunList
from portal.sync.presenters import RunRow, build_run_rows


class SyncRunIn(StrictSerializer):
    catalog = ReferenceIn()
    database = serializers.CharField(
        max_length=255, required=False, allow_null=True, help_text="only this database, by name"
    )


class SyncRunOut(Resource, Stateful):
    """A sync run of a catalog. It is queued while `started_at` is null. `error` says why it failed or paused."""

    route = "api-sync-run"
    key = "run.pk"
    catalog = Reference(source="run.catalog")
    database = TextOut(source="run.database")
    requested_by = OptionalReference(source="run.requested_by")
    created_at = TimeOut(source="run.requested_at")
    started_at = TimeOut(source="run.started_at", allow_null=True)
    finished_at = TimeOut(source="run.finished_at", allow_null=True)
    database_count = serializers.IntegerField(source="run.databases")
    table_count = serializers.IntegerField(source="run.tables")
    changed_count = serializers.IntegerField(source="run.changed")
    removed_count = serializers.IntegerField(source="run.tombstoned")
    principal_count = serializers.IntegerField(source="run.principals")
    error = TextOut(source="run.error")

    def members_of(self, row: RunRow) -> dict[str, Any]:
        return state_members(row.state)


def _load_run(person: Person, pk: int) -> RunRow:
    run = list_runs(person).filter(pk=pk).first()
    if run is None:
        raise NotFoundError
    return build_run_rows([run])[0]


SYNC_RUNS = Endpoints(SyncRunOut, _load_run, "run_id", retries=5)


class SyncRunsView(APIView):
    get = list_endpoint(
        "list_sync_runs", "List sync runs", SyncRunOut, SyncRunList, errors=(404,), is_built=True
    )

    post = SYNC_RUNS.create(
        "create_sync_run",
        "Sync a catalog",
        request_sync,
        takes=SyncRunIn,
        build=lambda _person, said: {
            "catalog_id": find_catalog_id(said["catalog"]),
            "database": said.get("database") or "",
        },
        status=202,
        errors=(404,),
    )


class SyncRunView(APIView):
    get = SYNC_RUNS.read("get_sync_run", "Get a sync run")


class ResumeView(APIView):
    post = SYNC_RUNS.act(
        "resume_sync_run",
        "Resume a sync run",
        resume_sync,
        status=202,
        follows=True,
        description="Resumes a paused run: reads the catalog again and removes missing tables. Returns the new run.",
    )


class CancellationView(APIView):
    post = SYNC_RUNS.act(
        "cancel_sync_run",
        "Cancel a sync run",
        drop_sync,
        description="Cancels a paused run and changes nothing.",
    )
