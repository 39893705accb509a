"""Data products of a made-up group with a bank, an insurer and an energy supplier; a few have long descriptions of everything."""

import tomllib
from pathlib import Path

from tools.bench.search.relevance.texts import CorpusText

REQUIREMENTS: tuple[str, ...] = ()


def read_mesh(_folder: Path) -> list[CorpusText]:
    rows = tomllib.loads(Path(__file__).with_name("mesh_texts.toml").read_text())["text"]
    return [
        CorpusText(
            **{
                **row,
                "keywords": tuple(row.get("keywords", ())),
                "columns": tuple(row.get("columns", {}).items()),
            }
        )
        for row in rows
    ]
