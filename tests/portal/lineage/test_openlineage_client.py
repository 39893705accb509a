"""Events that openlineage-python sends over HTTP, plain and compressed, arrive."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    StaticDataset,
)
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    error_message_run,
    ownership_job,
    schema_dataset,
    source_code_location_job,
    symlinks_dataset,
)
from openlineage.client.transport.http import HttpConfig, HttpTransport
from requests import HTTPError

from catalog.lineage.models import ColumnEdge, LineageJob, LineageRun
from tests import factories
from tests.catalog.lineage.samples import find_dataset
from tests.identity.service_tokens.samples import make_service_token

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def make_client(server: str, secret: str, **options: str) -> OpenLineageClient:
    auth = {"type": "api_key", "apiKey": secret}
    config = HttpConfig.from_dict({"url": server, "auth": auth, "retry": {"total": 0}, **options})
    return OpenLineageClient(transport=HttpTransport(config))


def make_facets() -> dict[str, Any]:
    """Of the output."""
    source = column_lineage_dataset.InputField("s3://lake", "raw", "id")
    arn = symlinks_dataset.Identifier("arn:aws:glue:eu-central-1:111122223333", "table/gold/claims", "TABLE")
    field = schema_dataset.SchemaDatasetFacetFields("claim_id", "string")
    return {
        "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(
            {"claim_id": column_lineage_dataset.Fields([source])}
        ),
        "schema": schema_dataset.SchemaDatasetFacet([field]),
        "symlinks": symlinks_dataset.SymlinksDatasetFacet([arn]),
    }


def make_job() -> Job:
    owners = ownership_job.OwnershipJobFacet([ownership_job.Owner("team:claims")])
    code = source_code_location_job.SourceCodeLocationJobFacet("git", "https://git.example/x")
    return Job("airflow", "settle_claims", {"ownership": owners, "sourceCodeLocation": code})


def list_events() -> list[RunEvent | JobEvent | DatasetEvent]:
    job, run, facets = make_job(), Run(str(uuid.UUID(int=1))), make_facets()
    source, target = InputDataset("s3://lake", "raw"), OutputDataset("s3://lake", "claims", facets=facets)
    failed = Run(
        str(uuid.UUID(int=2)), {"errorMessage": error_message_run.ErrorMessageRunFacet("disk full", "PYTHON")}
    )
    return [
        RunEvent(eventType=RunState.START, eventTime=AT.isoformat(), run=run, job=job, inputs=[source]),
        RunEvent(
            eventType=RunState.COMPLETE,
            eventTime=AT.isoformat(),
            run=run,
            job=job,
            inputs=[source],
            outputs=[target],
        ),
        RunEvent(eventType=RunState.FAIL, eventTime=AT.isoformat(), run=failed, job=job),
        JobEvent(eventTime=AT.isoformat(), job=job, inputs=[source], outputs=[target]),
        DatasetEvent(
            eventTime=AT.isoformat(),
            dataset=StaticDataset("s3://lake", "raw", facets={"schema": facets["schema"]}),
        ),
    ]


@pytest.mark.parametrize("options", [{}, {"compression": "gzip"}])
def test_events_of_the_client_arrive(live_site: str, options: dict[str, str]) -> None:
    owner = factories.make_person("Jonas Weber")
    factories.make_team("Insurance", owners=[owner])
    client = make_client(live_site, make_service_token(owner).secret, **options)
    for event in list_events():
        client.emit(event)
    job = LineageJob.objects.get()
    assert (job.code_url, job.owners) == ("https://git.example/x", ["team:claims"])
    assert sorted(LineageRun.objects.values_list("state", "error")) == [
        ("complete", ""),
        ("fail", "disk full"),
    ]
    assert ColumnEdge.objects.values_list("source_column", "target_column").get() == ("id", "claim_id")
    assert find_dataset("raw").columns == [["claim_id", "string"]]


def test_the_client_hears_that_its_token_is_unknown(live_site: str) -> None:
    client = make_client(live_site, "mmk_" + "x" * 43)
    with pytest.raises(HTTPError, match="401"):
        client.emit(list_events()[0])
