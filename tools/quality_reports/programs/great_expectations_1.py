"""Writes a validation result, a checkpoint result and its description as Great Expectations 1 makes them."""

import json
import sys
from pathlib import Path

import great_expectations as gx
import pandas as pd
from rows import ROWS

EXPECTATIONS = (
    gx.expectations.ExpectColumnValuesToNotBeNull(column="iban", severity="warning"),
    gx.expectations.ExpectColumnValuesToBeBetween(column="amount", min_value=0),
    gx.expectations.ExpectColumnValuesToBeUnique(column="claim_id"),
    gx.expectations.ExpectColumnValuesToBeInSet(column="region", value_set=["north", "south"], mostly=0.6),
    gx.expectations.ExpectColumnMinToBeBetween(column="amount", min_value=-10),
    gx.expectations.ExpectTableRowCountToBeBetween(min_value=1),
    gx.expectations.ExpectColumnValuesToNotBeNull(column="no_column"),
)

context = gx.get_context(mode="ephemeral")
asset = context.data_sources.add_pandas("bank").add_dataframe_asset("claims")
suite = context.suites.add(gx.ExpectationSuite(name="claims"))
for expectation in EXPECTATIONS:
    suite.add_expectation(expectation)
definition = gx.ValidationDefinition(
    name="claims", data=asset.add_batch_definition_whole_dataframe("all"), suite=suite
)
context.validation_definitions.add(definition)
checkpoint = gx.Checkpoint(name="nightly", validation_definitions=[definition], result_format="COMPLETE")
outcome = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": pd.DataFrame(ROWS)})
(result,) = outcome.run_results.values()
folder = Path(sys.argv[1])
(folder / "validation.json").write_text(json.dumps(result.to_json_dict()))
(folder / "description.json").write_text(outcome.describe())
run_results = {str(key): one.to_json_dict() for key, one in outcome.run_results.items()}
(folder / "checkpoint.json").write_text(
    json.dumps({"run_id": outcome.run_id.to_json_dict(), "run_results": run_results})
)
