"""Results in S3: a CSV file named by the query, and its columns beside it, written with the caller's own rights.

Source: Athena user guide, "Work with query results and recent queries". AWS's `.metadata` file has a form of its
own that is not documented; this one is JSON.
"""

import csv
import io
import json

from mocklake import moto_bridge
from mocklake.athena.results import Result
from mocklake.athena.store import Execution, invalid
from mocklake.iam import s3_access
from mocklake.iam.callers import Caller


def check(caller: Caller, location: str) -> None:
    """Raises AwsError InvalidRequestException for a place that is none, or whose bucket the caller cannot see."""
    if not location:
        return
    bucket, _ = _place(location)
    arn = f"arn:aws:s3:::{bucket}"
    known = moto_bridge.bucket_owner(bucket) is not None
    if not (known and s3_access.may(caller.arn, "s3:GetBucketLocation", arn, bucket)):
        raise invalid(f"Unable to verify/create output bucket {bucket}")


def _place(location: str) -> tuple[str, str]:
    bucket, _, folder = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not bucket:
        raise invalid("outputLocation is not a valid S3 path.")
    return bucket, folder


def write(caller: Caller, execution: Execution, location: str) -> str:
    """The file's place, or nothing without a location. A refusal of S3 fails the query."""
    if not location:
        return ""
    bucket, folder = _place(location)
    ending = "csv" if execution.kind == "DML" else "txt"
    key = f"{folder.rstrip('/')}/{execution.id}.{ending}".lstrip("/")
    place = f"s3://{bucket}/{key}"
    if execution.result is None:
        return place
    if not s3_access.may(caller.arn, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}", bucket):
        execution.result = None
        execution.reason = (
            f"Access denied when writing output to url: {place} . Please ensure you are allowed to access the "
            "S3 bucket. If you are encrypting query results with KMS key, please ensure you are allowed to access "
            "your KMS key"
        )
        return place
    content = _as_csv(execution.result) if ending == "csv" else _as_text(execution.result)
    moto_bridge.put_object(bucket, key, content.encode())
    moto_bridge.put_object(bucket, f"{key}.metadata", _columns(execution.result).encode())
    return place


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
