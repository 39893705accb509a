"""OpenTelemetry: one trace from the request through the message and its task to the calls to AWS.

The exporter, the sampler and the rest are set by the standard `OTEL_*` variables.
"""

import os
from typing import Any

from celery.signals import after_task_publish, before_task_publish, worker_process_shutdown
from django.conf import settings
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.propagate import inject
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

UNTRACED_URLS = "healthz,metrics"


class WorkSpanProcessor(BatchSpanProcessor):
    """Exports spans of requests and tasks. What loops ask the database on their own, some times a second, is left out."""

    def on_end(self, span: ReadableSpan) -> None:
        if span.parent is not None or span.kind in {SpanKind.SERVER, SpanKind.CONSUMER}:
            super().on_end(span)


def start_tracing() -> None:
    """Called when a process starts, if `MESHMARKET_TRACES` is set."""
    os.environ.setdefault("OTEL_SERVICE_NAME", f"meshmarket-{settings.PROCESS}")
    instrument(WorkSpanProcessor(OTLPSpanExporter()))


def instrument(processor: SpanProcessor) -> None:
    provider = TracerProvider()
    provider.add_span_processor(processor)
    # After RequestIdMiddleware, so that what it refuses is logged with the request's id.
    DjangoInstrumentor().instrument(
        tracer_provider=provider, excluded_urls=UNTRACED_URLS, middleware_position=1
    )
    PsycopgInstrumentor().instrument(tracer_provider=provider)
    tasks = CeleryInstrumentor()  # type: ignore[no-untyped-call]
    tasks.instrument(tracer_provider=provider)
    # Its span of a message that is sent by the name of a task never ends (0.66b1): the task's own has all that we need.
    before_task_publish.disconnect(tasks._trace_before_publish)  # noqa: SLF001
    after_task_publish.disconnect(tasks._trace_after_publish)  # noqa: SLF001
    before_task_publish.connect(_add_trace, weak=False)
    # The children of Celery's prefork pool end without Python's exit handlers, which would export the last spans.
    worker_process_shutdown.connect(lambda **_: provider.force_flush(), weak=False)
    if settings.PROCESS == "worker":
        from opentelemetry.instrumentation.botocore import BotocoreInstrumentor

        BotocoreInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]


def _add_trace(headers: dict[str, Any], **_: object) -> None:
    """Give a message the current trace; a worker goes on with it."""
    inject(headers)
