"""Columns of published schemas, labelled by what they hold: Northwind, Sakila, Chinook, AdventureWorks, the employees database,
WordPress, SAP, Synthea, Magento and Stripe.

Others chose these names. They were labelled after the detectors were written, and no word was added for them since.
"""

import json
from pathlib import Path

from tools.bench.classification.labelled_columns import LabelledColumn

FILE = Path(__file__).with_suffix(".json")


def read_published_columns() -> list[LabelledColumn]:
    """Without values."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return [LabelledColumn(one["name"], one["type"], one["kind"], [], one["schema"]) for one in rows]
