"""The numbers of all processes of gunicorn add up, whichever of them is asked."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.marketplace.http_server.served_sites import send_request, serve_site
from tests.marketplace.metrics.scrapes import TOKEN, read_samples

NO_DATABASE = "postgres://nobody@127.0.0.1:1/none"


def test_requests_of_both_processes_add_up_while_the_database_is_away(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    with serve_site(
        "marketplace.wsgi:application", PROMETHEUS_MULTIPROC_DIR=str(folder), MESHMARKET_METRICS_TOKEN=TOKEN, DATABASE_URL=NO_DATABASE
    ) as server, ThreadPoolExecutor(8) as pool:  # fmt: skip
        list(pool.map(lambda _: send_request(server, "/healthz"), range(40)))
        texts = [
            send_request(server, "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})[1].decode()
            for _ in range(4)
        ]
    processes = {file.stem.rpartition("_")[2] for file in folder.iterdir()}
    assert len(processes) == 2
    for text in texts:
        found = read_samples(text)
        assert found["meshmarket_http_requests_total", "GET", "5xx", "healthz"] == 40
        assert found["meshmarket_database_up",] == 0
