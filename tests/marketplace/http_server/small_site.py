"""A site without a database, on the server that ships."""

import json
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.utils.log import configure_logging

# Of Django the server needs settings and logging; to load the applications takes longer than most tests of it.
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
LARGE = b"x" * 3_000_000


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/sleep":
        time.sleep(1.0)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    told = {"pid": os.getpid(), "length": len(body), "address": environ["REMOTE_ADDR"]}
    answer = LARGE if path == "/large" else json.dumps(told).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
