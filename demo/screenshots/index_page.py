"""One page that shows all screenshots of a folder side by side."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Screenshots</title>
<style>body{font:14px sans-serif;margin:16px;background:#888}h2{margin:24px 0 8px}
div{display:flex;gap:12px;align-items:flex-start}img{border:1px solid #444}
img.wide{width:640px}img.narrow{width:240px}</style><h1>Screenshots</h1>"""


def write_index(folder: Path, shots: Mapping[str, Iterable[Path]]) -> Path:
    """`shots` by page name. Returns the path of index.html."""
    sections = [
        f"<h2>{escape(name)}</h2><div>{''.join(map(format_image, sorted(files)))}</div>"
        for name, files in sorted(shots.items())
    ]
    index = folder / "index.html"
    index.write_text(HEAD + "\n".join(sections) + "</html>\n", encoding="utf-8")
    return index


def format_image(file: Path) -> str:
    width = "narrow" if file.stem.endswith("-360") else "wide"
    name = escape(file.name)
    return f'<a href="{name}"><img class="{width}" loading="lazy" src="{name}" alt="{escape(file.stem)}"></a>'
