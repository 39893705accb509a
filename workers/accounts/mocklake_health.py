"""Whether the AWS of the workers is mocklake, and if so whether it can keep its state."""

import json
from urllib.parse import urlsplit

import urllib3

from lakeformation.checkup.findings import Finding, FindingKind
from workers.aws.sessions import read_worker_endpoint

AWS_DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "api.aws")
TIMEOUT = urllib3.Timeout(connect=2.0, read=5.0)


def check_mocklake() -> Finding | None:
    """What is wrong with it; None for AWS, for another endpoint, and when it is well or does not answer."""
    endpoint = read_worker_endpoint()
    if (urlsplit(endpoint).hostname or "").endswith(AWS_DOMAINS):
        return None
    found = _read_failure(endpoint)
    if found is None:
        return None
    error, since = found
    text = (
        f"The AWS at {endpoint} is mocklake, and has not been able to write its state since {since}: {error}."
    )
    remedy = "A restart would lose what was written since. Look at its state folder, its disk and its log."
    return Finding(FindingKind.MISSING, "mocklake_loses_state", text, remedy)


def _read_failure(endpoint: str) -> tuple[str, str] | None:
    try:
        with urllib3.PoolManager(timeout=TIMEOUT, retries=False) as pool:
            content = pool.request("GET", f"{endpoint.rstrip('/')}/_mocklake/health").data
        snapshot = json.loads(content)["snapshot"]
        return snapshot["error"], snapshot["since"]
    except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError):
        return None
