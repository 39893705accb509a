"""`python -m tools.bench.mirror.boto3_listing URL`: what a bare boto3 listing of a catalog takes; prints seconds and tables."""

import json
import sys
import time

import boto3


def main() -> None:
    session = boto3.Session("bench", "bench", region_name="eu-central-1")
    glue = session.client("glue", endpoint_url=sys.argv[1])
    began = time.perf_counter()
    names = [
        row["Name"] for page in glue.get_paginator("get_databases").paginate() for row in page["DatabaseList"]
    ]
    pages = (page for name in names for page in glue.get_paginator("get_tables").paginate(DatabaseName=name))
    count = sum(len(page["TableList"]) for page in pages)
    print(json.dumps({"seconds": time.perf_counter() - began, "tables": count}))


if __name__ == "__main__":
    main()
