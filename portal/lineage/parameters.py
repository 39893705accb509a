"""What the address of a lineage page says: direction, depth, and tables or columns."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from catalog.lineage.graph import MAX_DEPTH, USUAL_DEPTH, Direction

MAX_NAME = 255


@dataclass(frozen=True)
class LineageParameters:
    """`column` is one column's way, an empty one all columns, None tables."""

    direction: Direction = Direction.BOTH
    depth: int = USUAL_DEPTH
    column: str | None = None

    @classmethod
    def from_query(cls, query: QueryDict) -> "LineageParameters":
        """What makes no sense is as if it were not there."""
        said = query.get("direction", "")
        depth = query.get("depth", "")
        view = query.get("view")
        shows_columns = view == "columns" or ("column" in query and view != "tables")
        return cls(
            Direction(said) if said in set(Direction) else Direction.BOTH,
            min(max(int(depth), 1), MAX_DEPTH)
            if depth.isdecimal() and len(depth) <= len(str(MAX_DEPTH))
            else USUAL_DEPTH,
            query.get("column", "")[:MAX_NAME] if shows_columns else None,
        )

    @property
    def shows_columns(self) -> bool:
        return self.column is not None

    def as_query(self, **changes: str) -> dict[str, str]:
        """Without what is usual."""
        said = {
            "direction": self.direction.value if self.direction != Direction.BOTH else "",
            "depth": str(self.depth) if self.depth != USUAL_DEPTH else "",
            "view": "columns" if self.shows_columns and not self.column else "",
            "column": self.column or "",
            **changes,
        }
        return {name: value for name, value in said.items() if value}

    def address(self, **changes: str) -> str:
        return f"?{urlencode(self.as_query(**changes))}"
