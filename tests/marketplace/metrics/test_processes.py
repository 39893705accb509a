"""The numbers of all processes of gunicorn add up, whichever of them is asked."""

from pathlib import Path

from tests.marketplace.http_server.served_sites import send_request, serve_site
from tests.marketplace.metrics.scrapes import TOKEN, read_samples

NO_DATABASE = "postgres://nobody@127.0.0.1:1/none"
MAX_REQUESTS = 200


def count_processes(folder: Path) -> int:
    return len({file.stem.rpartition("_")[2] for file in folder.iterdir()})


def test_requests_of_both_processes_add_up_while_the_database_is_away(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    variables = {"PROMETHEUS_MULTIPROC_DIR": str(folder), "MESHMARKET_METRICS_TOKEN": TOKEN}
    with serve_site("marketplace.wsgi:application", DATABASE_URL=NO_DATABASE, **variables) as server:
        sent = 0
        while sent < MAX_REQUESTS and (sent == 0 or count_processes(folder) < 2):
            assert send_request(server, "/metrics")[0] == 401
            sent += 1
        text = send_request(server, "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})[1].decode()
        assert count_processes(folder) == 2
    found = read_samples(text)
    assert found["meshmarket_http_requests_total", "GET", "4xx", "metrics"] == sent
    assert found["meshmarket_database_up",] == 0
