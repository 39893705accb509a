"""Pages made from the code are as the code is."""

from pathlib import Path

import pytest

from tests.docs.generated import ARCHITECTURE, STATES, URLS, build_pages


@pytest.mark.parametrize("page", [STATES, URLS, ARCHITECTURE], ids=lambda page: page.name)
def test_a_generated_page_is_up_to_date(page: Path) -> None:
    """To mend: .venv/bin/python -m tests.docs.generated."""
    assert page.read_text(encoding="utf-8") == build_pages()[page]
