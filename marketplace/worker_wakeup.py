"""Wakes the workers after a successful unsafe request."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from kombu.exceptions import OperationalError

from background.task_table import DISPATCH_TASK
from marketplace.celery import app

logger = logging.getLogger(__name__)
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class WorkerWakeupMiddleware:
    """Wake workers by task name, so that no worker code is loaded here. A dead broker costs milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in SAFE_METHODS and response.status_code < 400:  # noqa: PLR2004
            wake_workers()
        return response


def wake_workers() -> bool:
    """Ask the workers to look for due scopes now; False when the broker did not take it."""
    if not settings.BROKER_URL:
        return False
    try:
        app.send_task(DISPATCH_TASK, ignore_result=True, retry=False)
    except OperationalError as error:
        logger.info("the broker did not take the nudge: %s", error)
        return False
    return True
