"""The time of a request."""

from datetime import datetime

from django.http import HttpRequest

from kernel import clock

KEY = "meshmarket.time"


def get_request_time(request: HttpRequest) -> datetime:
    """The time for all that a request does, asked once: it comes with the session's row, where one was read."""
    if KEY not in request.META:
        session = getattr(request, "session", None)
        request.META[KEY] = getattr(session, "now", None) or clock.now()
    now: datetime = request.META[KEY]
    return now
