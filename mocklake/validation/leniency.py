"""Where AWS takes what botocore's model forbids, each with its reason."""

from typing import Any

WIDER = {"arn:aws:iam::[0-9]*:role/.*": "arn:aws[a-z-]*:iam::[0-9]*:role/.*"}
"""Lake Formation's role ARN names one partition, though the service is offered in others."""
UNCHECKED = frozenset({"^[ \\t]*[\\x20-\\x7E]+([ \\t]+[\\x20-\\x7E]+)*[ \\t]*$"})
"""Python needs exponential time for an EventBridge header value of many blanks."""
OPEN_CHOICES = {("lakeformation", "Permission")}
"""Lake Formation refuses an unknown permission by itself, in its own words (boto3 #2894), and in a batch by entry."""


def choice_of(service: str, shape: Any) -> frozenset[str]:
    """Empty where any text goes."""
    if (service, shape.name) in OPEN_CHOICES:
        return frozenset()
    return frozenset(shape.metadata.get("enum", ()))
