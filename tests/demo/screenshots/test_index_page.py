"""The page that shows all screenshots."""

from pathlib import Path

from demo.screenshots import write_index


def test_all_files_of_a_page_are_shown_in_order_and_escaped(tmp_path: Path) -> None:
    wide, narrow = tmp_path / "home-light-1440.png", tmp_path / "home-dark-360.png"
    html = write_index(tmp_path, {"<home>": [wide, narrow]}).read_text()
    assert "<h2>&lt;home&gt;</h2>" in html
    assert html.index('class="narrow" loading="lazy" src="home-dark-360.png"') < html.index('class="wide"')
