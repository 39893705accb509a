"""Fetches the workers' keys from the pretend AWS and writes them as a shared credentials file.

Only for the compose profile `pretend`: with a real AWS the workers' keys come from its own machinery.
"""

import json
import os
import urllib.request
from pathlib import Path

ROLE = "account=111111111111&role=meshmarket-worker"


def main() -> None:
    token = (Path(os.environ["MOCKLAKE_STATE"]) / "control-token").read_text(encoding="utf-8").strip()
    address = f"{os.environ['AWS_ENDPOINT_URL']}/_mocklake/credentials?{ROLE}"
    request = urllib.request.Request(address, headers={"X-Mocklake-Token": token})  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        found = json.load(answer)
    names = {"AccessKeyId": "aws_access_key_id", "SecretAccessKey": "aws_secret_access_key"}
    names |= {"SessionToken": "aws_session_token"} if found["SessionToken"] else {}
    rows = ["[default]", *(f"{name} = {found[key]}" for key, name in names.items()), ""]
    target = Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
    target.touch(mode=0o600)
    target.write_text("\n".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
