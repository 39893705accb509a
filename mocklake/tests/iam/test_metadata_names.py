"""Metadata whose names hold underscores, over HTTP and within a process."""

import pytest

from mocklake.testing.in_process import InProcess
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CONSUMER

METADATA = {"with_underscores": "a", "with-hyphens": "b"}


@pytest.mark.parametrize("within_process", [False, True])
def test_names_of_metadata_keep_their_underscores(cloud: Cloud, within_process: bool) -> None:  # noqa: FBT001
    aws: Cloud | InProcess = InProcess(seed=cloud.seed) if within_process else cloud
    s3 = aws.client("s3", CONSUMER, region="us-east-1")
    s3.create_bucket(Bucket="underscores")
    s3.put_object(Bucket="underscores", Key="one", Body=b"content", Metadata=METADATA)
    assert s3.head_object(Bucket="underscores", Key="one")["Metadata"] == METADATA
