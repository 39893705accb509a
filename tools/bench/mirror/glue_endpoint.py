"""`python -m tools.bench.mirror.glue_endpoint --tables N`: Glue's listing from pages made beforehand, at next to no cost.

No simulation: what lists is measured here, and a server that worked would be measured with it. Answers STS, IAM and
Lake Formation as an account without roles, users, tags and locations does. `POST /_changed` with a number makes every
so many-th table differ.
"""

import argparse
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tools.bench import generated_catalog

PAGE_SIZE = 100
_STS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIABENCH</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
_CALLER = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:sts::123456789012:assumed-role/meshmarket-worker/bench</Arn><UserId>AROABENCH:bench</UserId>
<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""
_IAM = """<List{0}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><List{0}Result><{0}/>
<IsTruncated>false</IsTruncated></List{0}Result></List{0}Response>"""


class PreparedPages:
    """Pages by (database, place); tables one by one."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self.pages: dict[tuple[str, int], bytes] = {}
        self.databases: list[bytes] = []
        self.fill(0)

    def fill(self, change_every: int) -> None:
        self.databases.clear()
        listed: list[bytes] = []
        database = ""
        for table in generated_catalog.generate_tables(self.count, seed=self.seed, change_every=change_every):
            if table["DatabaseName"] != database:
                self._add_database(database, listed)
                database, listed = table["DatabaseName"], []
            listed.append(json.dumps(table).encode())
        self._add_database(database, listed)

    def _add_database(self, database: str, listed: list[bytes]) -> None:
        if not listed:
            return
        for at in range(0, len(listed), PAGE_SIZE):
            self.pages[database, at] = _build_page(b"TableList", listed, at)
        told = {
            "Name": database,
            "CreateTime": generated_catalog.CREATED_AT,
            "Description": f"database {database}",
        }
        self.databases.append(json.dumps(told).encode())

    def answer(self, operation: str, asked: dict[str, Any]) -> bytes:
        at = int(asked.get("NextToken") or 0)
        if operation == "GetDatabases":
            return _build_page(b"DatabaseList", self.databases, at)
        if operation == "GetTables":
            return self.pages.get((asked["DatabaseName"], at), b'{"TableList":[]}')
        return b"{}"


_SETTINGS = json.dumps(
    {
        "DataLakeSettings": {
            "ReadOnlyAdmins": [
                {"DataLakePrincipalIdentifier": f"arn:aws:iam::{generated_catalog.ACCOUNT}:role/observer"}
            ]
        }
    }
)
"""The sync takes a listing for whole only from an administrator."""


def _build_page(name: bytes, rows: list[bytes], at: int) -> bytes:
    more = b',"NextToken":"%d"' % (at + PAGE_SIZE) if at + PAGE_SIZE < len(rows) else b""
    return b'{"' + name + b'":[' + b",".join(rows[at : at + PAGE_SIZE]) + b"]" + more + b"}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    listing: PreparedPages

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = (self.headers.get("X-Amz-Target") or "").split(".")[-1]
        if self.path == "/GetDataLakeSettings":
            self._reply(_SETTINGS.encode())
        elif self.path == "/_changed":
            self.listing.fill(int(body))
            self._reply(b"{}")
        elif b"Action=AssumeRole" in body:
            self._reply(_STS.encode(), "text/xml")
        elif b"Action=GetCallerIdentity" in body:
            self._reply(_CALLER.encode(), "text/xml")
        elif b"Action=ListRoles" in body or b"Action=ListUsers" in body:
            kind = "Roles" if b"ListRoles" in body else "Users"
            self._reply(_IAM.format(kind).encode(), "text/xml")
        else:
            self._reply(self.listing.answer(operation, json.loads(body or b"{}")))

    def _reply(self, body: bytes, kind: str = "application/x-amz-json-1.1") -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing: a log would cost what is measured."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    Handler.listing = PreparedPages(asked.tables, asked.seed)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        sys.stdout.write(f"listens on http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
