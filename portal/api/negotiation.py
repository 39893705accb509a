"""Which representation a call gets."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class DefaultJSONNegotiation(DefaultContentNegotiation):
    """JSON whatever is accepted: lists read `Accept` themselves, for CSV and NDJSON."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:  # noqa: ARG002 - the framework's
        return renderers[0], renderers[0].media_type
