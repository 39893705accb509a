"""Members that ODCS and ODPS have in common: words, people, links and custom properties. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog.product_files.state import FileDiscovery, Path, ProductFile
from catalog.products.fields import SERVICE_LEVELS, VALUE_FIELDS, FieldKind, ProductField

STATUSES = {"draft": "draft", "published": "active", "deprecated": "deprecated", "retired": "retired"}
"""The standards' words for the states of a product."""
LIFECYCLES = {status: state for state, status in STATUSES.items()} | {"proposed": "draft"}
LINK_TYPES = {
    "code": "implementation",
    "pipeline": "transformationImplementation",
    "dashboard": "dashboard",
    "documentation": "documentation",
}
LINK_KINDS = {type_: kind for kind, type_ in LINK_TYPES.items()}
PREFIX = "meshmarket"
"""The prefix of the custom properties that are ours."""
CUSTOM_TEXTS = {one.custom_property: one.name for one in VALUE_FIELDS if one.custom_property}
HEAD_TEXTS = {one.member: one.name for one in VALUE_FIELDS if one.member}
UNPUBLISHED_VERSION = "0.0.0"
"""The version of a product without a contract yet: the standards want one."""
OWNER_ROLE = "owner"


def write_common_head(product: ProductFile) -> dict[str, Any]:
    fields = product.fields
    return {
        "id": product.slug,
        "name": fields["name"],
        "version": product.stated["version"] or UNPUBLISHED_VERSION,
        "status": STATUSES[product.stated["lifecycle"]],
        "domain": product.stated["domain"],
        "tags": list(fields["keywords"]),
        "description": {
            path[1]: fields[field] for path, field in HEAD_TEXTS.items() if path[0] == "description"
        },
    }


def write_team(product: ProductFile) -> dict[str, Any]:
    """The team, and the owner as its only member."""
    owner = {"username": product.fields["owner"], "name": product.owner_name, "role": OWNER_ROLE}
    members = [owner] if owner["username"] else []
    return {"name": product.stated["team"], "members": members}


def write_links(product: ProductFile) -> list[dict[str, str]]:
    links: Mapping[str, Iterable[str]] = product.fields["links"]
    return [{"type": LINK_TYPES[kind], "url": url} for kind, urls in links.items() for url in urls]


def write_custom_properties(product: ProductFile, more: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
    """What the standards lack."""
    fields = product.fields
    found: list[tuple[str, Any]] = [(name, fields[field]) for name, field in CUSTOM_TEXTS.items()]
    found += more
    if "tier" in product.stated:
        found.append(("Tier", product.stated["tier"]))
    if (said := product.discovery) is not None:
        shown = {"seenBy": said.seen_by, "requestedBy": said.requested_by}
        teams = {"seeTeams": list(said.see_teams), "requestTeams": list(said.request_teams)}
        found.append(("Discovery", shown | {name: slugs for name, slugs in teams.items() if slugs}))
    return [{"property": f"{PREFIX}{name}", "value": value} for name, value in found]


class SharedMembers:
    """What was read so far; `fields`, `stated` and `places` as in `ProductFile`."""

    def __init__(self, data: Any) -> None:
        self.reader = MemberReader(data)
        self.fields: dict[str, Any] = {}
        self.stated: dict[str, str] = {}
        self.places: dict[str, Path] = {}
        self.discovery: FileDiscovery | None = None
        self.slug = str(self.reader.get("id") or "")
        self.reader.get("kind")
        self.reader.get("apiVersion")

    def set_field(self, field: str, value: Any, path: Path) -> None:
        self.fields[field], self.places[field] = value, path

    def read_head(self) -> None:
        for path, field in HEAD_TEXTS.items():
            if (said := self.reader.get(*path)) is not None:
                self.set_field(field, said, path)
        if (tags := self.reader.get("tags")) is not None:
            self.set_field("keywords", tuple(tags), ("tags",))
        if (lifecycle := LIFECYCLES.get(self.reader.look_at("status") or "")) is not None:
            self.reader.get("status")
            self._state("lifecycle", lifecycle, ("status",))
        if (version := self.reader.get("version")) is not None:
            self._state("version", "" if version == UNPUBLISHED_VERSION else version, ("version",))
        if (domain := self.reader.get("domain")) is not None:
            self._state("domain", domain, ("domain",))

    def _state(self, name: str, value: str, path: Path) -> None:
        self.stated[name], self.places[name] = value, path

    def read_team(self) -> None:
        """The team's name, and the first member whose role is owner."""
        if (name := self.reader.get("team", "name")) is not None:
            self._state("team", name, ("team", "name"))
        members: Path = ("team", "members") if isinstance(self.reader.look_at("team"), dict) else ("team",)
        for row in self.reader.list_rows(*members):
            if (
                str(self.reader.look_at(*row, "role") or "").lower() == OWNER_ROLE
                and "owner" not in self.fields
            ):
                self.set_field("owner", self.reader.get(*row, "username"), (*row, "username"))
                self.reader.get(*row, "role")
                self.reader.get(*row, "name")

    def read_support(self, is_address_derived: Callable[[str, str], bool]) -> None:
        """The first channel, with its address unless that says nothing more."""
        if self.reader.look_at("support") is None:
            return
        self.set_field("support", "", ("support",))
        for row in self.reader.list_rows("support")[:1]:
            channel, url = self.reader.get(*row, "channel"), self.reader.get(*row, "url") or ""
            shown = (
                channel
                if not url or url == channel or is_address_derived(channel, url)
                else f"{channel}: {url}"
            )
            self.set_field("support", shown, (*row, "channel"))

    def read_links(self) -> None:
        """By kind, as far as the type is one of ours."""
        if self.reader.look_at("authoritativeDefinitions") is None:
            return
        links: dict[str, list[str]] = {}
        for row in self.reader.list_rows("authoritativeDefinitions"):
            kind = LINK_KINDS.get(self.reader.look_at(*row, "type") or "")
            if kind is not None:
                self.reader.get(*row, "type")
                links.setdefault(kind, []).append(self.reader.get(*row, "url"))
        ordered = {kind: links[kind] for kind in LINK_TYPES if kind in links}
        self.set_field("links", ordered, ("authoritativeDefinitions",))

    def read_custom_properties(self) -> Iterator[tuple[str, Any, Path]]:
        """Sets what both standards lack, and gives the rest of ours: name, value and path."""
        for row in self.reader.list_rows("customProperties"):
            full = str(self.reader.look_at(*row, "property"))
            name, path = full.removeprefix(PREFIX), (*row, "value")
            if not full.startswith(PREFIX):
                continue
            value = self.reader.look_at(*path)
            if name in CUSTOM_TEXTS and isinstance(value, str):
                self.set_field(CUSTOM_TEXTS[name], value, path)
            elif name == "Inputs" and is_text_list(value):
                self.set_field("inputs", tuple(value), path)
            elif name == "Tier" and isinstance(value, str):
                self._state("tier", value, path)
            elif name == "Discovery" and (discovery := _parse_discovery(value)) is not None:
                self.discovery, self.places["discovery"] = discovery, path
            else:
                yield name, value, path
                continue
            self.mark_custom_property(row)

    def mark_custom_property(self, row: Path) -> None:
        for member in ("property", "value", "vendor"):
            self.reader.get(*row, member)

    def build(self, **more: Any) -> ProductFile:
        return ProductFile(
            slug=self.slug,
            fields=self.fields,
            stated=self.stated,
            discovery=self.discovery,
            places=self.places,
            not_kept=self.reader.list_not_read(),
            **more,
        )


def is_text_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _parse_discovery(value: Any) -> FileDiscovery | None:
    """None if it is something else."""
    known = {"seenBy": str, "requestedBy": str, "seeTeams": list, "requestTeams": list}
    if not isinstance(value, dict) or set(value) - set(known) or not {"seenBy", "requestedBy"} <= set(value):
        return None
    teams = [value.get(name, []) for name in ("seeTeams", "requestTeams")]
    texts = [value["seenBy"], value["requestedBy"]]
    if not is_text_list(texts) or not all(is_text_list(slugs) for slugs in teams):
        return None
    see, request = (tuple(sorted(set(slugs))) for slugs in teams)
    return FileDiscovery(value["seenBy"], value["requestedBy"], see, request)


class MemberReader:
    """Reads plain data that follows its standard's schema."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self._used: set[Path] = set()
        self._around: set[Path] = set()

    def get(self, *path: str | int) -> Any:
        """The value, or None. It counts as read, with everything in it."""
        found = self.look_at(*path)
        if found is not None:
            self._used.add(path)
            self._around |= {path[:length] for length in range(len(path))}
        return found

    def look_at(self, *path: str | int) -> Any:
        """The value, or None."""
        found = self._data
        for step in path:
            if isinstance(step, int):
                found = found[step] if isinstance(found, list) and step < len(found) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        return found

    def list_rows(self, *path: str | int) -> list[Path]:
        """The paths of the mappings in a list, which counts as looked at."""
        rows = self.look_at(*path)
        if not isinstance(rows, list):
            return []
        self._around.add(path)
        return [(*path, position) for position, row in enumerate(rows) if isinstance(row, dict)]

    def list_not_read(self) -> tuple[Path, ...]:
        """The outermost path of each part that nobody read; empty ones say nothing."""
        return tuple(self._walk((), self._data))

    def _walk(self, path: Path, value: Any) -> Iterator[Path]:
        if path in self._used or value in (None, "", [], {}):
            return
        if path and path not in self._around:
            yield path
        elif isinstance(value, dict):
            for name, below in value.items():
                yield from self._walk((*path, name), below)
        elif isinstance(value, list):
            for position, below in enumerate(value):
                yield from self._walk((*path, position), below)


UNITS = {FieldKind.HOURS: "h", FieldKind.PERCENT: "percent"}
PROPERTIES = {one.level.standard_name: one for one in SERVICE_LEVELS if one.level}
"""Fields by the standard's name."""
PERCENT_UNITS = {"", "%", "percent", "pct"}
_HOURS = {
    Decimal(1): ("", "h", "hr", "hour", "hours"),
    Decimal(24): ("d", "day", "days"),
    Decimal(168): ("w", "week", "weeks"),
    Decimal(1) / Decimal(60): ("m", "min", "minute", "minutes"),
}
HOURS_BY_UNIT = {unit: hours for hours, units in _HOURS.items() for unit in units}


class UnknownLevelError(ValueError):
    """The value or its unit can't be kept as it is."""


def write_service_levels(fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each one that is promised."""
    for name, field in PROPERTIES.items():
        value = fields.get(field.name)
        if value in (None, ""):
            continue
        row = {"property": name, "value": to_number(value) if isinstance(value, Decimal) else value}
        yield {**row, "unit": UNITS[field.kind]} if field.kind in UNITS else row


def to_number(value: Decimal) -> int | float:
    """As a file shows it."""
    return int(value) if value == value.to_integral_value() else float(value)


def read_service_level(field: ProductField, value: Any, unit: str) -> Any:
    """The field's value. Raises UnknownLevelError."""
    if field.kind == FieldKind.HOURS:
        hours = parse_number(value) * _get_hours(unit)
        whole = hours.to_integral_value()
        if abs(hours - whole) > Decimal("1e-9"):
            raise UnknownLevelError
        return int(whole)
    if field.kind == FieldKind.PERCENT:
        if unit.strip().lower() not in PERCENT_UNITS:
            raise UnknownLevelError
        return parse_number(value)
    if isinstance(value, bool) or value is None:
        raise UnknownLevelError
    return f"{value} {unit}".strip()


def parse_number(value: Any) -> Decimal:
    """The value of a number, or of one in a text. Raises UnknownLevelError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnknownLevelError
    try:
        found = Decimal(str(value).strip().removesuffix("%"))
    except (InvalidOperation, ValueError) as error:
        raise UnknownLevelError from error
    if not found.is_finite() or abs(found) > Decimal("1e9"):
        raise UnknownLevelError
    return found


def _get_hours(unit: str) -> Decimal:
    found = HOURS_BY_UNIT.get(unit.strip().lower())
    if found is None:
        raise UnknownLevelError
    return found
