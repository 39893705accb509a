"""With JSON every line of a web process is an object, gunicorn's own as well, and each request is one line."""

import json

from demo.embedded.child_process import wait_until
from tests.marketplace.http_server.served_sites import send_request, serve_site

LOGGER = (
    "--workers 1 --log-level info --logger-class marketplace.http_server.gunicorn_logger.StructuredLogger"
)
ACCESS_LINE = '"GET /healthz HTTP/1.1" 503'
NO_DATABASE = "postgres://nobody@127.0.0.1:1/none"


def test_every_line_is_json() -> None:
    with serve_site(
        "marketplace.wsgi:application", LOGGER, MESHMARKET_LOG_FORMAT="json", DATABASE_URL=NO_DATABASE
    ) as server:
        send_request(server, "/healthz", headers={"X-Request-ID": "probe-1"})
        lines = [json.loads(line) for line in server.child.log.read_text().splitlines()]
    assert {line["logger"] for line in lines} >= {"gunicorn.error", "marketplace.middleware"}
    (request,) = [line for line in lines if line["logger"] == "marketplace.middleware"]
    assert (request["request_id"], request["path"], request["status"]) == ("probe-1", "/healthz", 503)
    (failure,) = [line for line in lines if "traceback" in line and line["logger"] == "portal.health.views"]
    assert failure["request_id"] == "probe-1"


def test_lines_of_text_keep_the_access_log() -> None:
    with serve_site("marketplace.wsgi:application", LOGGER, DATABASE_URL=NO_DATABASE) as server:
        send_request(server, "/healthz")
        # It is written after the response was sent.
        assert wait_until(lambda: ACCESS_LINE in server.child.log.read_text(), 30)
        text = server.child.log.read_text()
    assert "marketplace.middleware" not in text
