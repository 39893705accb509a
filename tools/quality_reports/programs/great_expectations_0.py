"""Writes a validation result and a checkpoint result as Great Expectations 0.18 makes them."""

import json
import sys
from pathlib import Path

import great_expectations as gx
import pandas as pd
from rows import ROWS

context = gx.get_context(mode="ephemeral")
asset = context.sources.add_pandas("bank").add_dataframe_asset("claims")
batch = asset.build_batch_request(dataframe=pd.DataFrame(ROWS))
context.add_or_update_expectation_suite("claims")
validator = context.get_validator(batch_request=batch, expectation_suite_name="claims")
validator.expect_column_values_to_not_be_null("iban")
validator.expect_column_values_to_be_between("amount", min_value=0)
validator.expect_column_values_to_be_unique("claim_id")
validator.expect_column_min_to_be_between("amount", min_value=-10)
validator.expect_table_row_count_to_be_between(min_value=1)
validator.save_expectation_suite(discard_failed_expectations=False)
checkpoint = context.add_or_update_checkpoint(
    name="nightly",
    validations=[{"batch_request": batch, "expectation_suite_name": "claims"}],
    runtime_configuration={"result_format": "COMPLETE"},
)
outcome = checkpoint.run()
folder = Path(sys.argv[1])
(folder / "checkpoint.json").write_text(json.dumps(outcome.to_json_dict()))
(folder / "validation.json").write_text(json.dumps(outcome.list_validation_results()[0].to_json_dict()))
