"""The settings that ship refuse to start with a key that can be guessed."""

import pytest

from tests.marketplace.production import run_in_production

START = "import django; django.setup()"
SHOW = "from django.conf import settings; print(settings.SECRET_KEY)"


@pytest.mark.parametrize(
    "key",
    [
        "demo-only",
        "demo-only-" * 6,
        "short",
        "a" * 80,
        "ab" * 40,
        "django-insecure-0123456789abcdefghijklmnop",
    ],
)
def test_a_key_that_can_be_guessed_is_refused(key: str) -> None:
    done = run_in_production(START, MESHMARKET_SECRET_KEY=key)
    assert done.returncode == 1
    assert "MESHMARKET_SECRET_KEY" in done.stderr.splitlines()[-1]
    assert key not in done.stderr.splitlines()[-1]


def test_a_long_random_key_is_taken() -> None:
    assert run_in_production(START).returncode == 0


def test_the_demos_settings_make_another_key_for_each_run() -> None:
    keys = {
        run_in_production(
            SHOW, without=("MESHMARKET_SECRET_KEY",), DJANGO_SETTINGS_MODULE="demo.settings"
        ).stdout
        for _ in range(2)
    }
    assert len(keys) == 2
