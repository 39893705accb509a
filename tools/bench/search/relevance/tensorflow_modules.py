"""Descriptions of TensorFlow Datasets as texts: from README files, and from modules, which are parsed and never imported."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from itertools import chain

from tools.bench.search.relevance.r_documentation import make_key, split_summary
from tools.bench.search.relevance.texts import CorpusText

README, TAGS, BUILDER = "README.md", "TAGS.txt", "_dataset_builder.py"
TAG = re.compile(r"^(?:content\.data-type|content\.subject|ml\.task)\.([a-z0-9-]+)", re.MULTILINE)
MOST_KEYWORDS = 6
CODE = ("core/", "scripts/", "testing/", "proto/")
"""Folders without datasets."""
NO_DATASETS = ("Config", "RLUBuilder")
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
LEAST_LETTERS = 40
"""A description with fewer says nothing."""


def read_modules(files: Mapping[str, str]) -> list[CorpusText]:
    """One text for each folder with a README, and for each class with a description of its own."""
    texts = {text.key: text for text in chain(_read_folders(files), _read_classes(files))}
    return list(texts.values())


def _read_folders(files: Mapping[str, str]) -> Iterator[CorpusText]:
    for path in files:
        folder, _, file = path.rpartition("/")
        if file == README and path.startswith("datasets/"):
            slug = folder.rpartition("/")[2]
            module = ast.parse(files.get(f"{folder}/{slug}{BUILDER}", ""))
            yield _build_text(slug, files[path], files.get(f"{folder}/{TAGS}", ""), module)


def _read_classes(files: Mapping[str, str]) -> Iterator[CorpusText]:
    modules = [path for path in files if path.endswith(".py") and not path.endswith("_test.py")]
    for path in modules:
        described = () if path.startswith(CODE) else _list_described(path, ast.parse(files[path]))
        for slug, description, found in described:
            if len(description) >= LEAST_LETTERS and f"datasets/{slug}/{README}" not in files:
                yield _build_text(slug, description, "", found)


def _list_described(path: str, module: ast.Module) -> Iterator[tuple[str, str, ast.ClassDef]]:
    constants = dict(_list_constants(module))
    for found in module.body:
        if isinstance(found, ast.ClassDef) and not found.name.endswith(NO_DATASETS):
            slug = path.split("/")[-2] if found.name == "Builder" else _snake(found.name)
            yield slug, _find_description(found, constants), found


def _build_text(slug: str, description: str, tags: str, code: ast.AST) -> CorpusText:
    description = inspect.cleandoc(description)
    summary, rest = split_summary(re.sub(r"\A#+ .*\n", "", description).strip())
    keywords = tuple(dict.fromkeys(tag.replace("-", " ") for tag in TAG.findall(tags)))
    columns = tuple((name, "") for name in dict.fromkeys(_list_columns(code)))
    name = _spell(slug, description)
    return CorpusText(make_key("tfds", slug), name, summary, rest, keywords[:MOST_KEYWORDS], columns)


def _spell(slug: str, description: str) -> str:
    """As the description writes it: "AccentDB" for `accentdb`; else its words with capitals."""
    words = WORDS.findall(slug)
    written = re.search(rf"\b{'[-_ ]?'.join(words)}\b", description, re.IGNORECASE)
    if written and written[0] != slug and written[0].lower() != written[0]:
        return " ".join(written[0].replace("_", " ").split())
    return " ".join(word[0].upper() + word[1:] for word in slug.split("_"))


def _snake(name: str) -> str:
    """The name of a dataset by its class, as the library makes it."""
    partly = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", partly).lower()


def _list_constants(module: ast.Module) -> Iterator[tuple[str, str]]:
    for statement in module.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, _evaluate(statement.value, {})


def _find_description(found: ast.ClassDef, constants: Mapping[str, str]) -> str:
    """The longest that a call within the class is given, but for those of its configurations."""
    calls = (
        node
        for node in ast.walk(found)
        if isinstance(node, ast.Call) and "Config" not in ast.unparse(node.func)
    )
    given = (word.value for call in calls for word in call.keywords if word.arg == "description")
    return max((_evaluate(value, constants) for value in given), key=len, default="")


def _evaluate(value: ast.expr, constants: Mapping[str, str]) -> str:
    """The text of an expression; empty where only running it would tell."""
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return constants.get(name, "")
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _evaluate(left, constants) + _evaluate(right, constants)
        case ast.JoinedStr(values=parts):
            return "".join(_evaluate(part, constants) for part in parts)
        case (
            ast.Call(func=ast.Attribute(attr="dedent"), args=[text])
            | ast.Call(func=ast.Attribute(value=text, attr="format" | "strip" | "lstrip"))
        ):
            return _evaluate(text, constants)
    return ""


def _list_columns(code: ast.AST) -> Iterator[str]:
    for node in ast.walk(code):
        match node:
            case ast.Call(func=ast.Attribute(attr="FeaturesDict"), args=[ast.Dict(keys=keys)]):
                yield from (
                    key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                )
