"""AWS's partitions: an account and its regions belong to exactly one, which is named in each of their ARNs.

Sources: AWS Identity and Access Management User Guide, reference-arns; AWS Fault Isolation Boundaries, partitions. The
regions are those of botocore's `partitions`.
"""

import re
from functools import cache, lru_cache

from botocore.loaders import Loader

DEFAULT = "aws"


@cache
def names() -> tuple[str, ...]:
    return tuple(one["id"] for one in _published())


@lru_cache(maxsize=1024)
def of_region(region: str) -> str:
    """`aws` for a region that no partition's pattern fits."""
    return next((one["id"] for one in _published() if re.match(one["regionRegex"], region)), DEFAULT)


def of_arn(arn: str) -> str:
    """Empty for what is no ARN."""
    parts = arn.split(":", 2)
    return parts[1] if parts[0] == "arn" and len(parts) > 1 else ""


def regional_arn(service: str, region: str, account: str, resource: str) -> str:
    return f"arn:{of_region(region)}:{service}:{region}:{account}:{resource}"


def root_arn(account: str, region: str) -> str:
    """Builds the ARN of an account with this region in its partition."""
    return f"arn:{of_region(region)}:iam::{account}:root"


def s3_arn(region: str, path: str = "") -> str:
    """Builds the ARN of a bucket, or of an object after its bucket, in this region's partition."""
    return f"arn:{of_region(region)}:s3:::{path}"


@cache
def _published() -> list[dict[str, str]]:
    found: list[dict[str, str]] = Loader().load_data("partitions")["partitions"]
    return found
