"""Bodies that are too large, and files, which no page takes."""

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.throttle import Throttle
from portal.views import machine
from tests.bank import Bank
from tests.portal.conftest import signed_in

LARGE = "x" * 1_100_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "text/csv"]
)
def test_a_large_body_of_nobody_is_refused_unread(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    answer = Client(enforce_csrf_checks=True).post(reverse("sign-in"), LARGE, content_type=kind)
    assert answer.status_code == 413
    assert b"That is too large" in answer.content
    assert list(tmp_path.iterdir()) == []


def test_over_the_api_it_is_refused_in_the_shape_of_all_refusals(bank: Bank) -> None:
    for client in (Client(), signed_in(bank.ana)):
        answer = client.post(reverse("api-requests"), LARGE, content_type="application/json")
        assert answer.status_code == 413
        assert set(answer.json()) == {"code", "message", "field"}
        assert answer.json()["code"] == "too_large"


@pytest.mark.django_db
@pytest.mark.parametrize("length", ["-1", "x", "1e9", "²"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    assert (
        Client().post(reverse("sign-in"), "a=b", CONTENT_LENGTH=length, content_type="text/plain").status_code
        == 400
    )


@pytest.mark.django_db
def test_a_file_is_refused_where_it_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sent = {"username": "a", "password": "b", "file": SimpleUploadedFile("a.bin", b"x" * 50_000)}
    assert Client().post(reverse("sign-in"), sent).status_code == 400
    assert list(tmp_path.iterdir()) == []


def test_a_form_in_parts_without_a_file_is_read(bank: Bank) -> None:
    """As scripts send forms."""
    answer = Client().post(reverse("sign-in"), {"username": bank.ana.email, "password": "not hers"})
    assert answer.status_code == 200


def test_the_api_takes_json_alone(bank: Bank) -> None:
    answer = signed_in(bank.ana).post(reverse("api-requests"), {"purpose": "a"})
    assert answer.status_code == 415


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Throttle:
    made = Throttle(seconds=60, each=3, together=5)
    monkeypatch.setattr(machine, "reports", made)
    return made


def report(address: str, body: bytes = b"{}") -> int:
    client = Client(REMOTE_ADDR=address)
    return client.post("/csp-report/", body, content_type="application/csp-report").status_code


def test_reports_on_the_policy_are_limited_by_address_and_together(
    reports: Throttle, caplog: pytest.LogCaptureFixture
) -> None:
    assert [report("192.0.2.1") for _ in range(4)] == [204, 204, 204, 429]
    assert [report(f"192.0.2.{n}") for n in range(2, 5)] == [204, 204, 429]
    assert sum("content policy" in record.getMessage() for record in caplog.records) == 5


def test_a_long_report_is_cut_in_the_log(reports: Throttle, caplog: pytest.LogCaptureFixture) -> None:
    assert report("192.0.2.1", b"x" * 16_000) == 204
    assert max(len(record.getMessage()) for record in caplog.records) < 2200


def test_reports_are_taken_again_after_a_while() -> None:
    made = Throttle(seconds=60, each=1, together=5)
    assert [made.allows("a", now) for now in (0.0, 59.0, 60.0, 61.0)] == [True, False, True, False]


def test_the_settings_name_one_limit_for_server_and_site(settings: Settings) -> None:
    assert settings.SERVER_LIMITS["body_bytes"] == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
