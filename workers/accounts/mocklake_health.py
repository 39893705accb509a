"""Whether the AWS of the workers is mocklake, and if so whether it can keep its state."""

import json
from typing import Any
from urllib.parse import urlsplit

import urllib3

from lakeformation.checkup.checks import Check, CheckState
from lakeformation.checkup.findings import Finding, FindingKind
from workers.aws.sessions import read_worker_endpoint

AWS_DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "api.aws")
TIMEOUT = urllib3.Timeout(connect=2.0, read=5.0)


def check_mocklake() -> Check | None:
    """Whether it keeps its state; None for AWS, and for another endpoint or one that does not answer."""
    endpoint = read_worker_endpoint()
    health = None if (urlsplit(endpoint).hostname or "").endswith(AWS_DOMAINS) else _read_health(endpoint)
    if health is None:
        return None
    text = f"The AWS at {endpoint} is mocklake, and keeps its state."
    if "snapshot" not in health:
        return Check("mocklake", text, CheckState.OK)
    error, since = health["snapshot"]["error"], health["snapshot"]["since"]
    finding = Finding(
        FindingKind.MISSING,
        "mocklake_loses_state",
        f"The AWS at {endpoint} is mocklake, and has not been able to write its state since {since}: {error}.",
        "A restart would lose what was written since. Look at its state folder, its disk and its log.",
    )
    return Check("mocklake", text, CheckState.ATTENTION, (finding,))


def _read_health(endpoint: str) -> dict[str, Any] | None:
    try:
        with urllib3.PoolManager(timeout=TIMEOUT, retries=False) as pool:
            content = pool.request("GET", f"{endpoint.rstrip('/')}/_mocklake/health").data
        found = json.loads(content)
    except (urllib3.exceptions.HTTPError, ValueError):
        return None
    return found if isinstance(found, dict) and "ok" in found else None
