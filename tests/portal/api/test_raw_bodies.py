"""Bodies that are no JSON that the API takes: each address that takes a body refuses them with a problem."""

import gzip
from typing import Any

import pytest
import yaml

from demo.bootstrap import ROOT
from identity.service_tokens import TokenScope
from tests.bank import Bank
from tests.identity.service_tokens.samples import make_service_token
from tests.portal.conftest import make_client

SCHEMA: dict[str, Any] = yaml.load(
    (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
)
JSON = "application/json"
BODIES: list[tuple[bytes, str]] = [
    (b"", JSON),
    (b"", ""),
    (b" ", JSON),
    (b"null", JSON),
    (b"[]", JSON),
    (b'"text"', JSON),
    (b"7", JSON),
    (b"{", JSON),
    (b'{"a": NaN}', JSON),
    (b'{"a": ' + b"9" * 5000 + b"}", JSON),
    (b'{"reason": "one", "reason": "two", "comment": 1, "comment": "\\u0000"}', JSON),
    (b'{"\\ud800": "\\udfff"}', JSON),
    (b'{"a": "\xff\xfe"}', JSON),
    (b"\xef\xbb\xbf{}", JSON),
    (b"[" * 50_000, JSON),
    (b'{"a":' * 3000 + b"1" + b"}" * 3000, JSON),
    ("{}".encode("utf-16"), JSON),
    ("{}".encode("utf-16"), f"{JSON}; charset=utf-16"),
    ('{"a": "\x00"}'.encode("utf-16"), f"{JSON}; charset=utf-16"),
    (b"{}", f"{JSON}; charset=nothing"),
    (b"{}", f"{JSON}; charset=\xc3\xbc".encode().decode("latin-1")),
    (b"{}", f"{JSON}; charset=rot13"),
    (b"{}", f"{JSON}; charset=idna"),
    (gzip.compress(b"{}")[:-4], JSON),
    (b"a=1", "application/x-www-form-urlencoded"),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"--x\r\n", "multipart/form-data"),
    (b"<a/>", "text/xml"),
    (b"{}", "no type"),
    (b"{}", "/"),
]
VALUES = {"slug": "none", "id": "1", "number": "1", "account_id": "111111111111", "table": "1"}


def list_operations() -> list[tuple[str, str]]:
    return [
        (method, path)
        for path, operations in SCHEMA["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]


def send_all(client: Any, method: str, path: str, **headers: str) -> list[Any]:
    """What is answered otherwise than the document says."""
    known = SCHEMA["paths"][path][method]["responses"]
    address = path
    for name, value in VALUES.items():
        address = address.replace(f"{{{name}}}", value)
    found = []
    for body, kind in BODIES:
        answer = client.generic(method.upper(), address, body, content_type=kind, headers=headers)
        is_problem = answer.status_code < 400 or answer["Content-Type"] == "application/problem+json"
        if str(answer.status_code) not in known or answer.status_code >= 500 or not is_problem:
            found.append((method, path, kind, body[:40], answer.status_code))
    return found


@pytest.mark.all
def test_no_raw_body_breaks_an_address(bank: Bank) -> None:
    clients = [make_client(bank.ines), make_client(bank.greta)]
    for client in clients:
        client.raise_request_exception = False
    found = [one for client in clients for at in list_operations() for one in send_all(client, *at)]
    assert found == []


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_no_raw_body_breaks_an_intake(bank: Bank, client: Any, encoding: str) -> None:
    secret = make_service_token(bank.ines, scopes=(*TokenScope,)).secret
    client.raise_request_exception = False
    intakes = [
        at for at in list_operations() if "serviceToken" in str(SCHEMA["paths"][at[1]][at[0]]["security"])
    ]
    assert intakes
    headers = {"Authorization": f"Bearer {secret}", "Content-Encoding": encoding}
    assert [one for at in intakes for one in send_all(client, *at, **headers)] == []
