"""What applying a file would do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from catalog.discovery import DiscoverySettings, check_settings, may_set_discovery, read_settings
from catalog.mirror.models import Table
from catalog.product_files.formats import FILE_FIELD, ReadFile
from catalog.product_files.state import (
    NOT_SAID,
    FileColumn,
    FileDiscovery,
    FileTable,
    Path,
    ProductFile,
    describe_servers,
    describe_state,
    describe_tables,
    format_path,
    list_tables,
)
from catalog.products.fields import MAX_LENGTHS
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, Domain, ProductLifecycle
from catalog.revisions.actions import check_new_inputs, choose_inputs
from catalog.revisions.content import (
    ProductContent,
    check_content,
    check_owner,
    check_texts,
    compare_content,
    compute_state_digest,
    read_content,
)
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import (
    get_draft,
    list_possible_owners,
    may_create_product,
    may_publish_product_draft,
    may_save_product_draft,
)
from catalog.revisions.rule_results import require_rules_met
from catalog.revisions.versions import (
    FIRST_VERSION,
    NextVersion,
    compute_draft_version,
    list_choosable_tables,
)
from identity.keys import normalize_slug
from identity.people.models import Person, Team
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError, require_allowed
from kernel.text import build_slug
from kernel.verdicts import Verdict
from lakeformation.values.canonical_json import digest

STATED = ("version", "lifecycle", "domain", "team", "tier")
COLUMN_PARTS = ("type", "comment", "classification")
TABLE_PARTS = ("description", "kind")


@dataclass(frozen=True)
class Drift:
    """`what` is table_missing, column_missing, column_added, audience_kept (a draft doesn't change it), or differs. `where` is the member of the file, `name` the table,
    column or field. `file` and `portal` are the values.
    """

    what: str
    where: Path
    name: str
    file: str = ""
    portal: str = ""


def find_stated_drift(
    file: ProductFile, portal: ProductFile, *, accepted: dict[str, set[str]]
) -> Iterator[Drift]:
    """`accepted`: values by field that don't count as a difference besides the portal's own."""
    for field in STATED:
        said, known = file.stated.get(field), portal.stated.get(field, "")
        if said is not None and said != known and said not in accepted.get(field, set()):
            yield Drift("differs", file.places[field], field, said, known)


def find_server_drift(file: ProductFile, portal: ProductFile) -> Iterator[Drift]:
    if file.servers is not None and set(file.servers) != set(portal.servers or ()):
        said, known = (
            ", ".join(f"{server.account}/{server.database}" for server in servers or ())
            for servers in (file.servers, portal.servers)
        )
        yield Drift("differs", ("servers",), "servers", said, known)


def find_schema_drift(
    tables: Sequence[FileTable], known: Sequence[FileTable | None], where: Path
) -> Iterator[Drift]:
    """Drift of tables, each beside what the catalog has; None where it has none."""
    for position, (table, mirrored) in enumerate(zip(tables, known, strict=True)):
        path = (*where, position)
        if mirrored is None:
            yield Drift("table_missing", path, table.name)
            continue
        yield from _compare_parts(TABLE_PARTS, table, mirrored, path, table.name)
        if table.columns is not None:
            yield from _compare_columns(table, mirrored, path)


def _compare_columns(table: FileTable, mirrored: FileTable, path: Path) -> Iterator[Drift]:
    known = {column.name.lower(): column for column in mirrored.columns or ()}
    said = table.columns or ()
    for position, column in enumerate(said):
        place, name = (*path, "properties", position), f"{table.name}.{column.name}"
        own = known.get(column.name.lower())
        if own is None:
            yield Drift("column_missing", place, name)
        else:
            yield from _compare_parts(COLUMN_PARTS, column, own, place, name)
            if column.is_partition_key and not own.is_partition_key:
                yield Drift("differs", place, f"{name}, partition key", "true", "false")
    names = {column.name.lower() for column in said}
    for name in sorted(known.keys() - names):
        yield Drift("column_added", path, f"{table.name}.{name}")


def _compare_parts(
    parts: Iterable[str], said: FileTable | FileColumn, known: FileTable | FileColumn, path: Path, name: str
) -> Iterator[Drift]:
    """What the file leaves out is not compared."""
    for part in parts:
        value, own = getattr(said, part), getattr(known, part)
        if value and value != own:
            yield Drift("differs", path, f"{name}, {part}", value, own)


def may_apply_product_file(person: Person, product: DataProduct) -> Verdict:
    """Whoever may edit the product. What of the file they may not do is refused by its own verb."""
    return may_save_product_draft(person, product)


CONSENT_FIELD = "accepts_breaking"
DISCOVERY_FIELDS = {"seen_by", "requested_by", "see_teams", "request_teams"}
MAX_SUMMARY = MAX_LENGTHS["summary"]
Problem = RefusedError | ForbiddenError


@dataclass(frozen=True)
class FileTarget:
    """`product` is None for one that is new in the domain. `content` is what it says now."""

    product: DataProduct | None
    domain: Domain
    content: ProductContent
    draft: ProductRevision | None


@dataclass(frozen=True)
class ProductPlan:
    """`before` and `after` are JSON of `ProductContent`; `before` is empty for a new product. `problem` is why nothing would be
    done. `following` is what publishing makes of the contract, None where nothing is published.
    """

    read: ReadFile
    target: FileTarget
    content: ProductContent
    settings_before: DiscoverySettings
    settings: DiscoverySettings
    publishes: bool
    following: NextVersion | None
    drift: tuple[Drift, ...]
    problem: Problem | None

    @property
    def product(self) -> DataProduct | None:
        return self.target.product

    @cached_property
    def before(self) -> dict[str, Any]:
        said = self.target.content.to_json()
        return said if self.product else {**said, "owner": None}

    @cached_property
    def after(self) -> dict[str, Any]:
        return self.content.to_json()

    @property
    def changes_content(self) -> bool:
        return self.product is None or bool(compare_content(self.before, self.after))

    @property
    def changes_settings(self) -> bool:
        return self.settings_before.digest != self.settings.digest

    @property
    def writes_draft(self) -> bool:
        """A draft that says the same already needs no other one."""
        if self.publishes:
            return self.changes_content or not (self.product and self.product.is_published)
        draft = self.target.draft
        return self.changes_content and (draft is None or draft.content != self.after)

    @property
    def has_changes(self) -> bool:
        return self.writes_draft or self.changes_settings

    @property
    def not_kept(self) -> tuple[str, ...]:
        return tuple(map(format_path, self.read.product.not_kept))

    @cached_property
    def digest(self) -> str:
        """It changes with the file, the product, its draft, and what the catalog has."""
        target = self.target
        now = compute_state_digest(self.product, target.draft) if self.product else target.domain.slug
        stated = describe_state(self.product) if self.product else {}
        drift = [[one.what, list(one.where), one.name, one.file, one.portal] for one in self.drift]
        settings = [self.settings_before.digest, self.settings.digest]
        return digest([now, stated, self.after, settings, self.publishes, drift, list(self.not_kept)])


def plan_file(person: Person, read: ReadFile, *, publishes: bool = True, locks: bool = False) -> ProductPlan:
    """Writes nothing. A file whose status is draft is not published; with `publishes` off none is. Who may see and request a published
    product changes only with a publication. NotFoundError, or RefusedError for what names nothing.
    """
    file = read.product
    target = _find_target(person, file, locks=locks)
    publishes = publishes and file.stated.get("lifecycle") != ProductLifecycle.DRAFT
    try:
        if target.product:
            rows = list_choosable_tables(target.product)
        else:
            rows = Table.objects.filter(database__domain=target.domain, tombstoned_at=None).select_related(
                "database"
            )
        by_name: dict[str, list[Table]] = {}
        for row in rows.select_related("database__catalog__account"):
            by_name.setdefault(str(row).lower(), []).append(row)
            by_name.setdefault(row.name.lower(), []).append(row)
        tables = [
            _choose_table(table, by_name.get(table.name.lower(), ()))
            for table in file.fields.get("tables", ())
        ]
        content = _resolve(person, file, target, tables)
        settings_before = read_settings(target.product) if target.product else DiscoverySettings()
        said = _resolve_settings(file.discovery) if file.discovery else settings_before
    except RefusedError as error:
        raise locate_refusal(error, read) from error
    content, refusal = _check(person, content, target)
    following = _compute_version(target, content) if publishes else None
    drift = _find_drift(file, target, tables, content, following)
    keeps_settings = not publishes and target.product is not None and target.product.is_published
    if keeps_settings and said.digest != settings_before.digest:
        drift.append(Drift("audience_kept", file.places["discovery"], "discovery"))
    settings = settings_before if keeps_settings else said
    plan = ProductPlan(
        read,
        target,
        content,
        settings_before,
        settings,
        publishes,
        following,
        drift=tuple(drift),
        problem=None,
    )
    problem = refusal or _find_problem(person, plan)
    return replace(
        plan, problem=locate_refusal(problem, read) if isinstance(problem, RefusedError) else problem
    )


def _resolve(
    person: Person, file: ProductFile, target: FileTarget, tables: Sequence[Table | None]
) -> ProductContent:
    """A new product without a summary of ours takes the first line of its description."""
    said: dict[str, Any] = {name: value for name, value in file.fields.items() if name != "tables"}
    if "owner" in said:
        rows = Person.objects.filter(email=said["owner"]).order_by("pk")
        found = rows.filter(pk=target.content.owner).first() or rows.first()
        if found is None:
            raise RefusedError(_("Choose a data owner of the domain's team."), "owner")
        said["owner"] = found.pk
    if "inputs" in said:
        said["inputs"] = tuple(sorted(choose_inputs(person, said["inputs"], target.content.inputs)))
    if "tables" in file.fields:
        said["tables"] = tuple(dict.fromkeys(table.pk for table in tables if table is not None))
    content = replace(target.content, **said)
    if target.product is None and not content.summary.strip():
        lines = content.description.strip().splitlines()
        said["summary"] = lines[0].strip()[:MAX_SUMMARY] if lines else ""
        return replace(target.content, **said)
    return content


def _check(
    person: Person, content: ProductContent, target: FileTarget
) -> tuple[ProductContent, RefusedError | None]:
    """As `write_draft` would. What the portal has already is not checked again."""
    product = target.product
    if product is not None and content.to_json() == target.content.to_json():
        return content, None
    try:
        if product is None:
            check_texts({field: getattr(content, field) for field in MAX_LENGTHS})
            check_owner(content.owner, target.domain)
            return content, None
        checked = check_content(content, product)
        check_new_inputs(person, checked.inputs, product, target.draft)
    except RefusedError as error:
        return content, error
    return checked, None


def _compute_version(target: FileTarget, content: ProductContent) -> NextVersion:
    if target.product is None:
        return NextVersion(FIRST_VERSION, {}, ())
    return compute_draft_version(target.product, target.content.to_json(), content.to_json())


def _find_problem(person: Person, plan: ProductPlan) -> Problem | None:
    """Why the verbs would refuse it."""
    target = plan.target
    product = target.product or DataProduct(domain=target.domain, owner_id=plan.content.owner)
    if not plan.has_changes:
        return None
    if product.retired_at is not None:
        return RefusedError(_("The product is retired. It can't be changed any more."))
    draft = target.draft
    if plan.writes_draft and draft and draft.written_by_id != person.pk and draft.content != plan.after:
        said = _("%(name)s saved a draft of this product. Publish or discard it first.")
        return RefusedError(said % {"name": draft.written_by.name})
    try:
        if plan.writes_draft and plan.publishes:
            require_allowed(may_publish_product_draft(person, product))
            require_rules_met(person, product, plan.content, clock.now())
        if plan.changes_settings:
            require_allowed(may_set_discovery(person, product))
            check_settings(plan.settings, product)
    except (ForbiddenError, RefusedError) as error:
        return error
    return None


def locate_refusal(error: RefusedError, read: ReadFile) -> RefusedError:
    """With the place in the file of what is refused. What the file doesn't say keeps its field."""
    if error.field == CONSENT_FIELD:
        return error
    field = "links" if error.field.endswith("_links") else error.field
    field = "discovery" if field in DISCOVERY_FIELDS else field
    return RefusedError(read.describe(field, error.message), FILE_FIELD)


def _find_drift(
    file: ProductFile,
    target: FileTarget,
    tables: Sequence[Table | None],
    content: ProductContent,
    following: NextVersion | None,
) -> list[Drift]:
    rows = [table for table in tables if table is not None]
    live = {table.pk: table for table in rows if table.tombstoned_at is None}
    described = dict(zip(live, describe_tables(live.values(), names_catalog=True), strict=True))
    known = [described.get(table.pk) if table else None for table in tables]
    where = file.places.get("tables", ())
    drifts = list(find_schema_drift(file.fields.get("tables", ()), known, where))
    if target.product is None:
        return drifts
    own = ProductFile(
        target.product.slug,
        {},
        describe_state(target.product),
        servers=describe_servers(list_tables(content.tables)),
    )
    becomes_published = own.stated["lifecycle"] == ProductLifecycle.DRAFT and following is not None
    accepted = {
        "version": {following.version} if following else set(),
        "lifecycle": {ProductLifecycle.PUBLISHED.value} if becomes_published else set(),
    }
    return [*find_stated_drift(file, own, accepted=accepted), *find_server_drift(file, own), *drifts]


def _find_target(person: Person, file: ProductFile, *, locks: bool = False) -> FileTarget:
    """The product whose slug is the file's id, or a new one of the file's domain. NotFoundError for a product that the person
    sees and may not edit, and for a domain in which they may not create one.
    """
    rows = DataProduct.objects.select_related("domain__owner_team", "owner")
    rows = rows.select_for_update(of=("self",)) if locks else rows
    slugs = {file.slug, build_slug(file.slug, "product")}
    product = rows.filter(slug__in=slugs).order_by("pk").first()
    if product is not None and may_apply_product_file(person, product):
        return FileTarget(product, product.domain, read_content(product), get_draft(product))
    if product is not None and visible_products(person).filter(pk=product.pk).exists():
        raise NotFoundError
    domains = Domain.objects.select_related("owner_team")
    domain = domains.filter(slug=file.stated.get("domain", "")).first()
    if domain is None or not may_create_product(person, domain):
        raise NotFoundError
    owners = list(list_possible_owners(domain))
    owner = person.pk if person in owners else owners[0].pk if owners else 0
    return FileTarget(None, domain, ProductContent(**NOT_SAID, owner=owner), None)


def _choose_table(table: FileTable, rows: Iterable[Table]) -> Table | None:
    """A table that is gone counts only where no other is meant."""
    meant = [row for row in rows if normalize_slug(table.catalog) in ("", row.database.catalog.short_name)]
    meant = [row for row in meant if row.tombstoned_at is None] or meant
    if len(meant) > 1:
        said = _(
            "Several tables are called %(name)s. Write it as database.table, and name the catalog in a custom property."
        )
        raise RefusedError(said % {"name": table.name}, "tables")
    return meant[0] if meant else None


def _resolve_settings(discovery: FileDiscovery) -> DiscoverySettings:
    """RefusedError for an unknown team."""
    see = frozenset(map(normalize_slug, discovery.see_teams))
    request = frozenset(map(normalize_slug, discovery.request_teams))
    slugs = see | request
    found = dict(Team.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    if slugs - found.keys():
        raise RefusedError(_("One of these teams no longer exists."), "discovery")
    return DiscoverySettings(
        discovery.seen_by,
        discovery.requested_by,
        frozenset(found[slug] for slug in see),
        frozenset(found[slug] for slug in request),
    )
