"""Address of the Athena query editor in the AWS console."""

WORKGROUP = "primary"
"""Athena's own workgroup, which every account has."""
DOMAINS = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
"""Of regions with such a prefix; the others are `console.aws.amazon.com`."""


def get_athena_url(region: str) -> str:
    """The editor opens in the account and role that the browser is signed in with."""
    domain = next(
        (one for prefix, one in DOMAINS.items() if region.startswith(prefix)), "console.aws.amazon.com"
    )
    return f"https://{region}.{domain}/athena/home?region={region}#/query-editor"
