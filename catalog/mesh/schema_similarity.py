"""Groups tables with similar schemas. Pure: values in, groups out.

A column counts by its name, and once more by its name and type. Rare columns weigh more than common ones. Two schemas are
similar if the weight of what they share is at least `THRESHOLD` of the weight of what either has (weighted Jaccard).
Only schemas that share one of their rarest columns are compared: by the prefix rule no others can be similar.
"""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

THRESHOLD = 0.5
RARE = 5
"""Schemas that may have a column while it counts as rare as can be."""
MIN_COLUMNS = 3
"""Schemas with fewer columns are similar by chance."""
MAX_CANDIDATES = 200
"""Schemas that one schema is compared with: those that share most of its rarest columns."""
_FAMILIES = {
    "integer": "int", "tinyint": "int", "smallint": "int", "bigint": "int",
    "varchar": "string", "char": "string", "text": "string", "real": "float", "double": "float", "numeric": "decimal",
}  # fmt: skip
Features = Sequence[int]


@lru_cache(maxsize=100_000)
def get_type_family(data_type: str) -> str:
    """`varchar(20)` is `string`, `bigint` is `int`."""
    base = data_type.lower().partition("(")[0].partition("<")[0].strip()
    return _FAMILIES.get(base, base)


@lru_cache(maxsize=200_000)
def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def build_features(columns: Iterable[tuple[str, str]]) -> Features:
    """Of (name, type) of each column; equal for equal schemas in any order of columns."""
    found = set()
    for name, data_type in columns:
        found.add(_hash(name.lower()))
        found.add(_hash(f"{name.lower()}:{get_type_family(data_type)}"))
    return array("q", sorted(found))


def compute_similarity(one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> float:
    """From 0 to 1, with all columns of the same weight."""
    first, second = set(build_features(one)), set(build_features(other))
    either = first | second
    return len(first & second) / len(either) if either else 0.0


@dataclass(frozen=True)
class _Schema:
    """A schema that one or more tables have. `features` begin with the rarest."""

    tables: tuple[int, ...]
    features: tuple[int, ...]
    weight: float


@dataclass
class _Index:
    """The first schema of each group, by the rarest features."""

    weights: Mapping[int, float]
    groups: list[list[int]] = field(default_factory=list)
    leaders: list[_Schema] = field(default_factory=list)
    postings: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, schema: _Schema) -> None:
        prefix = self._list_prefix(schema)
        counts = Counter(place for feature in prefix for place in self.postings.get(feature, ()))
        own, best, found = set(schema.features), THRESHOLD, None
        for place, _count in counts.most_common(MAX_CANDIDATES):
            score = self._compare(own, schema.weight, self.leaders[place])
            if score > best or (score == best and found is None):
                best, found = score, place
        if found is not None:
            self.groups[found].extend(schema.tables)
            return
        for feature in prefix:
            self.postings[feature].append(len(self.leaders))
        self.leaders.append(schema)
        self.groups.append(list(schema.tables))

    def _list_prefix(self, schema: _Schema) -> list[int]:
        """So many of the rarest that whoever shares only the rest cannot be similar."""
        left, prefix = schema.weight, []
        for feature in schema.features:
            if left < THRESHOLD * schema.weight:
                break
            prefix.append(feature)
            left -= self.weights[feature]
        return prefix

    def _compare(self, own: set[int], weight: float, other: _Schema) -> float:
        shared = sum(self.weights[feature] for feature in other.features if feature in own)
        return shared / (weight + other.weight - shared)


def group_similar_tables(schemas: Mapping[int, Features]) -> list[list[int]]:
    """Ids of tables that are similar to the first of their group; groups of one are left out."""
    equal: dict[bytes, list[int]] = defaultdict(list)
    for table, features in schemas.items():
        equal[bytes(memoryview(array("q", features)))].append(table)
    firsts = {tables[0]: tables for tables in equal.values()}
    counts = Counter(feature for first in firsts for feature in schemas[first])
    weights = {feature: math.log1p(len(firsts) / max(count, RARE)) for feature, count in counts.items()}
    index = _Index(weights)
    for first, tables in sorted(firsts.items(), key=lambda one: (-len(one[1]), one[0])):
        features = sorted(schemas[first], key=lambda feature: (counts[feature], feature))
        weight = math.fsum(weights[feature] for feature in features)
        index.add(_Schema(tuple(tables), tuple(features), weight))
    return [sorted(group) for group in index.groups if len(group) > 1]
