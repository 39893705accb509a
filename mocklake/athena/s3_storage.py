"""Objects in S3 as one principal reads and writes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mocklake import moto_bridge
from mocklake.athena.failures import QueryFailedError
from mocklake.iam import resource_access


@dataclass(frozen=True)
class Storage:
    """A folder in S3, and the principal that reads and writes it."""

    location: str
    principal: str

    @property
    def bucket(self) -> str:
        return self.location.partition("://")[2].partition("/")[0]

    @property
    def prefix(self) -> str:
        return self.location.partition("://")[2].partition("/")[2]

    @property
    def arn(self) -> str:
        return moto_bridge.object_arn(self.bucket, self.prefix)

    def require(self, action: str, key: str) -> None:
        """Raises QueryFailedError unless the principal may do the action on the key."""
        if moto_bridge.bucket_owner(self.bucket) is None:
            raise QueryFailedError(
                f"HIVE_FILESYSTEM_ERROR: The specified bucket does not exist: {self.bucket}"
            )
        if not resource_access.may_use_s3(
            self.principal, action, moto_bridge.object_arn(self.bucket, key), self.bucket
        ):
            place = f"s3://{self.bucket}/{key}"
            raise QueryFailedError(
                f"PERMISSION_DENIED: Access Denied (Service: Amazon S3; {action} on {place})"
            )

    def require_write(self) -> None:
        self.require("s3:PutObject", f"{self.prefix}data")

    def put(self, key: str, content: bytes) -> str:
        """The object's place. `key` is whole, from the bucket's root."""
        self.require("s3:PutObject", key)
        moto_bridge.put_object(self.bucket, key, content)
        return f"s3://{self.bucket}/{key}"

    def get(self, place: str) -> bytes:
        """Of an object by its URI, which must lie in the bucket."""
        bucket, _, key = place.partition("://")[2].partition("/")
        Storage(place, self.principal).require("s3:GetObject", key)
        found = moto_bridge.objects(bucket, key).get(key)
        if found is None:
            raise QueryFailedError(f"ICEBERG_MISSING_METADATA: Object not found: {place}")
        return found

    def listing(self) -> list[str]:
        root = moto_bridge.object_arn(self.bucket)
        if not resource_access.may_use_s3(self.principal, "s3:ListBucket", root, self.bucket):
            raise QueryFailedError(f"PERMISSION_DENIED: Permission denied on S3 path: {self.location}")
        return list(moto_bridge.objects(self.bucket, self.prefix))

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.require("s3:DeleteObject", key)
        for key in keys:
            moto_bridge.delete_object(self.bucket, key)


def folder(location: str) -> str:
    """Raises QueryFailedError for what is no place in S3."""
    if not location.startswith("s3://") or not location.removeprefix("s3://").partition("/")[0]:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: {location!r} is not a valid S3 path")
    return location.rstrip("/") + "/"
