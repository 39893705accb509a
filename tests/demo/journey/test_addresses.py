"""What the verdict asks the site for are addresses that the site has: one that was renamed is found here at once."""

import re
from pathlib import Path

import pytest
from django.urls import resolve

from demo import journey
from demo.journey.site_client import SIGN_IN_PATH
from demo.journey.verdict_roles import PRODUCT

CALLS = re.compile(
    r"(?:requester|producer|governor|person|name\])\.(get|post|list_all|get_page)\(\s*f?\"([^\"]+)\""
)


def list_addresses() -> list[str]:
    """With a number, or the product's name, in the place of each variable."""
    sources = [file.read_text() for file in Path(journey.__file__).parent.glob("*.py")]
    called = {call for source in sources for call in CALLS.findall(source)}
    return sorted(("" if verb == "get_page" else "/api/v1/") + fill(path) for verb, path in called)


def fill(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path.replace("{PRODUCT}", PRODUCT))


def test_the_journey_asks_for_many_things() -> None:
    assert len(list_addresses()) > 12


@pytest.mark.parametrize("address", [SIGN_IN_PATH, *list_addresses()])
def test_the_site_has_the_address(address: str) -> None:
    assert resolve(address).url_name
