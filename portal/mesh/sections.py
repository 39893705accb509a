"""The sections of the mesh, a page each, and the reports in them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.mesh.combination_section import build_combination_section
from portal.mesh.product_section import build_product_section
from portal.mesh.quality_section import build_quality_section
from portal.mesh.request_section import build_request_section
from portal.mesh.schema_section import build_schema_section
from portal.mesh.search_section import build_search_section
from portal.mesh.tables import ReportTable, SectionContent
from portal.mesh.unattended_section import build_unattended_section
from portal.mesh.use_section import build_use_section


@dataclass(frozen=True)
class MeshSection:
    """`reports` are the names of its tables, in the API and of files."""

    slug: str
    label: Promise
    build: Callable[[Person, datetime], SectionContent]
    reports: tuple[str, ...]

    @property
    def url(self) -> str:
        return reverse("mesh-section", args=[self.slug]) if self.slug != FIRST else reverse("mesh")


FIRST = "products"
SECTIONS = (
    MeshSection(FIRST, _("Products"), build_product_section, ("products", "growth")),
    MeshSection("use", _("Use"), build_use_section, ("use",)),
    MeshSection(
        "requests",
        _("Requests"),
        build_request_section,
        ("request-times", "request-times-by-domain", "request-ends"),
    ),
    MeshSection(
        "unattended",
        _("Unattended"),
        build_unattended_section,
        ("tables-without-product", "products-without-owner", "unread-tables", "unused-terms"),
    ),
    MeshSection("quality", _("Quality and freshness"), build_quality_section, ("quality-and-freshness",)),
    MeshSection("schemas", _("Similar tables"), build_schema_section, ("similar-tables",)),
    MeshSection("combinations", _("Combinations"), build_combination_section, ("used-together", "joinable")),
    MeshSection("searches", _("Searches"), build_search_section, ("searches-without-result",)),
)
"""A further section is one more row here and a module beside this one."""
REPORTS = tuple(report for section in SECTIONS for report in section.reports)


def get_section(slug: str) -> MeshSection:
    """NotFoundError."""
    found = next((one for one in SECTIONS if one.slug == slug), None)
    if found is None:
        raise NotFoundError
    return found


def build_report(person: Person, name: str, now: datetime) -> ReportTable:
    """NotFoundError."""
    section = next((one for one in SECTIONS if name in one.reports), None)
    if section is None:
        raise NotFoundError
    return next(table for table in section.build(person, now).tables if table.name == name)
