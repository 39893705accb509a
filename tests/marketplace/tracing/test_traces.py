"""One trace leads from the click through the message and its task to the call to AWS."""

from collections.abc import Iterator

import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from opentelemetry import trace
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from demo.embedded.child_process import wait_until
from marketplace.celery import app as site_app
from marketplace.tracing import WorkSpanProcessor, instrument
from mocklake.testing.server import Cloud
from tests.database import TestDatabase
from tests.marketplace.production import run_in_production
from tests.marketplace.tracing.clicked_site import app
from tests.worker_cloud import use_cloud


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    monkeypatch.setattr(settings, "PROCESS", "worker")
    monkeypatch.setattr(settings, "MIDDLEWARE", [*settings.MIDDLEWARE])
    found = InMemorySpanExporter()
    instrument(SimpleSpanProcessor(found))
    yield found
    for one in (DjangoInstrumentor, CeleryInstrumentor, PsycopgInstrumentor, BotocoreInstrumentor):
        one().uninstrument()
    # `start_worker` has made the test's application the current one.
    site_app.set_current()
    site_app.set_default()


def get_span(exporter: InMemorySpanExporter, kind: SpanKind, name: str) -> ReadableSpan:
    (span,) = [one for one in exporter.get_finished_spans() if one.kind is kind and name in one.name]
    return span


@override_settings(ROOT_URLCONF="tests.marketplace.tracing.clicked_site")
def test_request_task_and_call_share_a_trace(
    cloud: Cloud, exporter: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    with use_cloud(cloud), start_worker(app, perform_ping_check=False):
        assert Client().get("/click").status_code == 200
        assert wait_until(lambda: any("tests.end" in one.name for one in exporter.get_finished_spans()), 10.0)
    assert "opentelemetry" not in {record.name.partition(".")[0] for record in caplog.records}
    click = get_span(exporter, SpanKind.SERVER, "click")
    end = get_span(exporter, SpanKind.CONSUMER, "tests.end")
    task = get_span(exporter, SpanKind.CONSUMER, "tests.call_aws")
    call = get_span(exporter, SpanKind.CLIENT, "GetCallerIdentity")
    assert not trace.get_current_span().get_span_context().is_valid
    assert click.context.trace_id == task.context.trace_id == call.context.trace_id == end.context.trace_id
    assert task.parent is not None
    assert call.parent is not None
    assert (task.parent.span_id, call.parent.span_id) == (click.context.span_id, task.context.span_id)
    assert call.attributes is not None
    assert call.attributes["aws.request_id"]


@override_settings(ROOT_URLCONF="tests.marketplace.tracing.clicked_site")
def test_a_statement_belongs_to_its_request_without_its_values(
    committed: TestDatabase, exporter: InMemorySpanExporter
) -> None:
    connection.close()  # connections are traced from their beginning
    Client().get("/look-up/salaries")
    connection.close()
    look_up = get_span(exporter, SpanKind.SERVER, "look-up")
    (statement,) = [one for one in exporter.get_finished_spans() if "catalog_table" in str(one.attributes)]
    assert statement.parent is not None
    assert statement.parent.span_id == look_up.context.span_id
    assert "salaries" not in str(statement.attributes)


def test_what_a_loop_asks_on_its_own_is_not_exported() -> None:
    found = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(WorkSpanProcessor(found))
    tracer = provider.get_tracer("tests")
    tracer.start_span("SELECT", kind=SpanKind.CLIENT).end()
    with tracer.start_as_current_span("task", kind=SpanKind.CONSUMER):
        tracer.start_span("UPDATE", kind=SpanKind.CLIENT).end()
    provider.shutdown()
    assert {one.name for one in found.get_finished_spans()} == {"task", "UPDATE"}


SETUP = "import sys, django; django.setup(); print(*[one for one in {names} if one in sys.modules])"


def test_traces_are_off_by_default() -> None:
    done = run_in_production(SETUP.format(names=["opentelemetry.sdk.trace", "opentelemetry.instrumentation"]))
    assert (done.stdout, done.stderr) == ("\n", "")


def test_the_web_with_traces_loads_no_botocore() -> None:
    done = run_in_production(
        SETUP.format(names=["opentelemetry.sdk.trace", "botocore"]), MESHMARKET_TRACES="true"
    )
    assert (done.stdout, done.stderr) == ("opentelemetry.sdk.trace\n", "")


def test_traces_without_their_packages_end_the_start_with_what_to_install() -> None:
    absent = "import sys; sys.modules['opentelemetry'] = None; import django; django.setup()"
    done = run_in_production(absent, MESHMARKET_TRACES="true")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        "MESHMARKET_TRACES is true, but the package opentelemetry is not installed. Install requirements/traces.txt instead of"
        " requirements/base.txt, or build the image with MESHMARKET_REQUIREMENTS=traces."
    )
