"""One style sheet and one script for all pages, made of the files in `static`."""

import os
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from demo.bootstrap import ROOT
from portal import static_bundles
from portal.static_bundles import ENTRY_MODULE, SCRIPT_BUNDLE, STYLE_BUNDLE, STYLE_SHEETS, BundleFinder


def read_bundle(path: str) -> str:
    return Path(str(finders.find(path))).read_text()


def test_the_style_sheet_has_all_sheets_in_their_order() -> None:
    bundle, at = read_bundle(STYLE_BUNDLE), 0
    for path in STYLE_SHEETS:
        at = bundle.index((ROOT / "static" / path).read_text(), at)


def test_the_script_has_each_module_once_behind_those_that_it_imports() -> None:
    bundle = read_bundle(SCRIPT_BUNDLE)
    names = [part.stem for part in static_bundles.list_parts(SCRIPT_BUNDLE)]
    assert names[-1] == Path(ENTRY_MODULE).stem
    assert len(names) == len(set(names)) > 5
    starts = [bundle.index(f"const ${name} = (() => {{") for name in names]
    assert starts == sorted(starts)
    assert "const { storeChangedForm } = $unsent_forms;" in bundle
    assert "\nimport " not in bundle
    assert "\nexport " not in bundle


def test_a_statement_of_another_form_is_refused(tmp_path: Path) -> None:
    module = tmp_path / "odd.js"
    module.write_text('import all from "./menus.js";\n')
    with pytest.raises(ValueError, match=r"odd\.js has a statement that cannot be bundled: import all"):
        static_bundles.enclose_module(module)


def test_a_bundle_is_written_anew_once_a_part_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    part = tmp_path / "part.css"
    part.write_text("a {}")
    monkeypatch.setattr(static_bundles, "list_parts", lambda _bundle: [part])
    finder = BundleFinder()
    bundle = Path(finder.find(STYLE_BUNDLE))
    assert bundle.read_text() == "a {}"
    part.write_text("b {}")
    os.utime(part, (1_000_000_000, 1_000_000_000))
    assert finder.find(STYLE_BUNDLE) == str(bundle)
    assert (bundle.read_text(), bundle.stat().st_mtime) == ("b {}", 1_000_000_000)


def test_what_is_no_bundle_is_found_elsewhere() -> None:
    assert BundleFinder().find("css/base.css") == []
    assert {path for path, _storage in BundleFinder().list(None)} == {STYLE_BUNDLE, SCRIPT_BUNDLE}
