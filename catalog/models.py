"""Imports the models of each subpackage, because Django looks for them here."""

from catalog import change_versions  # noqa: F401
from catalog.change_feed import models as change_feed  # noqa: F401
from catalog.classification import models as classification  # noqa: F401
from catalog.crawler_runs import models as crawler_runs  # noqa: F401
from catalog.derivation import models as derivation  # noqa: F401
from catalog.discovery import models as discovery  # noqa: F401
from catalog.follows import models as follows  # noqa: F401
from catalog.freshness import models as freshness  # noqa: F401
from catalog.glossary import models as glossary  # noqa: F401
from catalog.lineage import models as lineage  # noqa: F401
from catalog.mesh import models as mesh  # noqa: F401
from catalog.mirror import models as mirror  # noqa: F401
from catalog.problems import models as problems  # noqa: F401
from catalog.product_lifecycle import models as product_lifecycle  # noqa: F401
from catalog.products import models as products  # noqa: F401
from catalog.products.offers import models as offers  # noqa: F401
from catalog.promises import models as promises  # noqa: F401
from catalog.publication_rules import models as publication_rules  # noqa: F401
from catalog.quality import models as quality  # noqa: F401
from catalog.questions import models as questions  # noqa: F401
from catalog.registrations import models as registrations  # noqa: F401
from catalog.registrations.comparisons import models as comparisons  # noqa: F401
from catalog.registrations.schema_updates import models as schema_updates  # noqa: F401
from catalog.release_notes import models as release_notes  # noqa: F401
from catalog.revisions import models as revisions  # noqa: F401
from catalog.search import models as search  # noqa: F401
from catalog.search.index import models as index  # noqa: F401
from catalog.sync import models as sync  # noqa: F401
from catalog.tag_changes import models as tag_changes  # noqa: F401
from catalog.usage import models as usage  # noqa: F401
from catalog.usage.athena import models as athena  # noqa: F401
from catalog.usage.prices import models as prices  # noqa: F401
