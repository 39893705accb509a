"""Bodies that are too large, and files, which no page takes."""

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.bank import Bank
from tests.portal.api.calls import PROBLEM
from tests.portal.conftest import make_client

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
    assert b"The request is too large" in answer.content
    assert list(tmp_path.iterdir()) == []


def test_over_the_api_it_is_refused_in_the_shape_of_all_refusals(bank: Bank) -> None:
    for client in (Client(), make_client(bank.ana)):
        answer = client.post(reverse("api-access-requests"), LARGE, content_type="application/json")
        assert answer.status_code == 413
        assert set(answer.json()) == PROBLEM
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
    answer = make_client(bank.ana).post(reverse("api-access-requests"), {"purpose": "a"})
    assert answer.status_code == 415


def test_the_settings_name_one_limit_for_server_and_site(settings: Settings) -> None:
    assert settings.SERVER_LIMITS["body_bytes"] == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
