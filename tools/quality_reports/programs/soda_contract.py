"""Writes what Soda Core 4 sends to Soda Cloud of a contract that it verified: it writes no file itself. Of one contract all checks can be
evaluated, of one a column is missing, and of one a single check is run.
"""

import json
import sys
from pathlib import Path

import duckdb
from rows import ROWS
from soda_core.common.soda_cloud import _build_check_collection_results_json_dict
from soda_core.contracts import verify_contract_locally

SOURCE = """
type: duckdb
name: bank
connection:
  database: bank.db
"""
CONTRACT = """
dataset: bank/main/claims
checks:
  - row_count:
      threshold:
        must_be_greater_than: 0
  - schema:
columns:
  - name: claim_id
    data_type: integer
    checks:
      - duplicate:
  - name: region
    checks:
      - invalid:
          valid_values: [north, south, west]
  - name: amount
    checks:
      - aggregate:
          function: min
          threshold:
            must_be_greater_than_or_equal: 0
  - name: iban
    checks:
      - missing:
          name: Each claim has an account
          attributes:
            dimension: completeness
      - missing:
          qualifier: share
          threshold:
            metric: percent
            level: warn
            must_be_less_than: 10
"""
MISSING_COLUMN = """
  - name: no_column
    checks:
      - missing:
"""


def write_result(name: str, contract: str, check_paths: list[str] | None = None) -> None:
    path = Path(f"{name}.yml")
    path.write_text(contract)
    session = verify_contract_locally(
        data_source_file_path="source.yml", contract_file_path=path.name, check_paths=check_paths
    )
    json_dict = _build_check_collection_results_json_dict(session.contract_verification_results)
    (Path(sys.argv[1]) / f"{name}.json").write_text(json.dumps(json_dict, default=str))


Path("source.yml").write_text(SOURCE)
with duckdb.connect("bank.db") as connection:
    connection.execute("CREATE TABLE claims (claim_id integer, region varchar, amount double, iban varchar)")
    connection.executemany("INSERT INTO claims VALUES (?, ?, ?, ?)", list(zip(*ROWS.values(), strict=True)))
write_result("contract", CONTRACT)
write_result("broken-contract", CONTRACT + MISSING_COLUMN)
write_result("part-of-contract", CONTRACT, ["checks.row_count"])
