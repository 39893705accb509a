"""Joins the style sheets and the modules that every page loads into one file each, where static files are found or collected."""

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage
from whitenoise.compress import Compressor

STYLE_BUNDLE, SCRIPT_BUNDLE = "css/site.css", "js/site.js"
STYLE_SHEETS = ("css/tokens.css", "css/base.css", "css/layout.css", "css/components.css", "css/pages.css")
"""In the order in which a page would load them."""
ENTRY_MODULE = "js/app.js"
IMPORT = re.compile(r'^import (?:\{ ([\w, ]+) \} from )?"\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=const (\w+)\b)", re.MULTILINE)
UNKNOWN_STATEMENT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class BundleFinder(finders.BaseFinder):
    """Finds the bundles, written anew into a folder of this process when one of their parts has changed."""

    def check(self, **_options: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:  # noqa: FBT001, FBT002 - Django's own
        if path not in (STYLE_BUNDLE, SCRIPT_BUNDLE):
            return []
        self._write(path)
        bundle = self._storage.path(path)
        return [bundle] if find_all else bundle

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for path in (STYLE_BUNDLE, SCRIPT_BUNDLE):
            if not matches_patterns(path, ignore_patterns or ()):
                self._write(path)
                yield path, self._storage

    @cached_property
    def _storage(self) -> FileSystemStorage:
        folder = tempfile.mkdtemp(prefix="meshmarket-bundles-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return FileSystemStorage(folder)

    def _write(self, path: str) -> None:
        """With the time of its newest part, which is the same in each process, and with compressed copies beside it."""
        parts, bundle = list_parts(path), Path(self._storage.path(path))
        changed = max(part.stat().st_mtime_ns for part in parts)
        if bundle.exists() and bundle.stat().st_mtime_ns == changed:
            return
        bundle.parent.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._storage.location)
        with os.fdopen(descriptor, "w") as file:
            file.write(join_styles(parts) if path == STYLE_BUNDLE else join_modules(parts))
        draft = Path(name)
        draft.chmod(0o644)
        os.utime(draft, ns=(changed, changed))
        for copy in Compressor(quiet=True).compress(str(draft)):
            Path(copy).replace(f"{bundle}{Path(copy).suffix}")
        draft.replace(bundle)


def list_parts(bundle: str) -> list[Path]:
    """The files that it is made of; a module stands behind those that it imports."""
    if bundle == STYLE_BUNDLE:
        return [find_source(path) for path in STYLE_SHEETS]
    modules: dict[Path, None] = {}
    add_module(find_source(ENTRY_MODULE), modules)
    return list(modules)


def find_source(path: str) -> Path:
    source = finders.find(path)
    if not source:
        raise FileNotFoundError(f"{path} is no static file.")
    return Path(str(source))


def add_module(module: Path, modules: dict[Path, None]) -> None:
    if module in modules:
        return
    for _names, imported in IMPORT.findall(module.read_text()):
        add_module(module.with_name(imported), modules)
    modules[module] = None


def join_styles(parts: list[Path]) -> str:
    """They lie in one folder, and so does the bundle: addresses in them stay right."""
    return "\n".join(part.read_text() for part in parts)


def join_modules(parts: list[Path]) -> str:
    """Each module becomes a function that is called once and returns what the module exports. ValueError for an import or export of
    another form than those in `static/js`.
    """
    return "\n".join(map(enclose_module, parts))


def enclose_module(module: Path) -> str:
    source = module.read_text()
    exported = ", ".join(EXPORT.findall(source))
    body = EXPORT.sub("", IMPORT.sub(read_import, source))
    if unknown := UNKNOWN_STATEMENT.search(body):
        raise ValueError(f"{module.name} has a statement that cannot be bundled: {unknown.group()}")
    return f"const {name_module(module.name)} = (() => {{\n{body}return {{ {exported} }};\n}})();"


def read_import(statement: "re.Match[str]") -> str:
    names, module = statement.groups()
    return f"const {{ {names} }} = {name_module(module)};\n" if names else ""


def name_module(file_name: str) -> str:
    return f"${file_name.removesuffix('.js')}"
