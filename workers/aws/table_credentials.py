"""Asks Lake Formation for temporary credentials for a table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workers.aws.errors import translate_errors


@dataclass(frozen=True)
class VendedCredentials:
    """`paths` are the S3 folders that they open."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: datetime
    paths: tuple[str, ...]


def get_table_credentials(lake_formation: Any, table_arn: str, *, seconds: int) -> VendedCredentials:
    """To read. No supported permission type is named: AWS refuses who may read only a part of the table. AwsError."""
    with translate_errors():
        answer = lake_formation.get_temporary_glue_table_credentials(
            TableArn=table_arn, Permissions=["SELECT"], DurationSeconds=seconds
        )
    return VendedCredentials(
        answer["AccessKeyId"],
        answer["SecretAccessKey"],
        answer["SessionToken"],
        answer["Expiration"],
        tuple(answer.get("VendedS3Path", ())),
    )
