"""Results in S3: a CSV file named by the query, and its columns beside it, written with the caller's own rights.

Source: Athena user guide, "Work with query results and recent queries". AWS's `.metadata` file has a form of its
own that is not documented; this one is JSON.
"""

import csv
import io
import json

from mocklake import moto_bridge
from mocklake.athena.failures import invalid
from mocklake.athena.parsing import Kind
from mocklake.athena.session import Outcome, Result
from mocklake.athena.store import Execution
from mocklake.iam import resource_access
from mocklake.iam.callers import Caller

DENIED = (
    "Access denied when writing output to url: {place} . Please ensure you are allowed to access the S3 bucket. If you "
    "are encrypting query results with KMS key, please ensure you are allowed to access your KMS key"
)
_WRITING = {Kind.CREATE_TABLE_AS_SELECT, Kind.INSERT, Kind.UNLOAD, Kind.DELETE, Kind.UPDATE, Kind.MERGE}


def check(caller: Caller, location: str) -> None:
    """Raises AwsError InvalidRequestException for a place that is none, or whose bucket the caller cannot see."""
    if not location:
        return
    bucket, _ = _place(location)
    arn = moto_bridge.object_arn(bucket)
    known = moto_bridge.bucket_owner(bucket) is not None
    if not (known and resource_access.may_use_s3(caller.arn, "s3:GetBucketLocation", arn, bucket)):
        raise invalid(f"Unable to verify/create output bucket {bucket}")


def _place(location: str) -> tuple[str, str]:
    bucket, _, folder = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not bucket:
        raise invalid("outputLocation is not a valid S3 path.")
    return bucket, folder


def write(caller: Caller, execution: Execution) -> None:
    """Sets the execution's places. A refusal of S3 fails the query."""
    if execution.results.managed:
        return
    bucket, folder = _place(execution.results.location)
    key = f"{folder.rstrip('/')}/{_file_name(execution)}".lstrip("/")
    execution.output = f"s3://{bucket}/{key}"
    if execution.state != "SUCCEEDED":
        return
    if not resource_access.may_use_s3(
        caller.arn, "s3:PutObject", moto_bridge.object_arn(bucket, key), bucket
    ):
        execution.state, execution.outcome = "FAILED", Outcome()
        execution.reason = DENIED.format(place=execution.output)
        return
    _put(execution, bucket, key)


def _put(execution: Execution, bucket: str, key: str) -> None:
    result, kind = execution.outcome.result, execution.kind
    if kind.has_heading:
        moto_bridge.put_object(bucket, key, _as_csv(result).encode())
    elif kind not in _WRITING:
        moto_bridge.put_object(bucket, key, _as_text(result).encode())
    moto_bridge.put_object(bucket, f"{key}.metadata", _columns(result).encode())
    if kind in _WRITING:
        execution.manifest = f"s3://{bucket}/{key}-manifest.csv"
        listed = "".join(f"{one}\n" for one in execution.outcome.written)
        moto_bridge.put_object(bucket, f"{key}-manifest.csv", listed.encode())


def _file_name(execution: Execution) -> str:
    if execution.kind is Kind.CREATE_TABLE_AS_SELECT:
        return f"tables/{execution.id}"
    if execution.kind in _WRITING:
        return execution.id
    return f"{execution.id}.{'csv' if execution.kind.has_heading else 'txt'}"


def _as_csv(result: Result) -> str:
    """Every value in quotes, NULL as nothing at all."""
    lines = [tuple(name for name, _ in result.columns), *result.rows]
    return "".join(",".join(_quoted(value) for value in line) + "\n" for line in lines)


def _quoted(value: str | None) -> str:
    if value is None:
        return ""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="").writerow([value])
    return written.getvalue()


def _as_text(result: Result) -> str:
    return "".join("\t".join(value or "" for value in row) + "\n" for row in result.rows)


def _columns(result: Result) -> str:
    return json.dumps({"columns": [{"name": name, "type": kind} for name, kind in result.columns]})
