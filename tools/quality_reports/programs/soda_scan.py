"""Writes a scan result as Soda Core 3 makes it."""

import json
import sys
from pathlib import Path

import duckdb
from rows import ROWS
from soda.scan import Scan

CHECKS = """
checks for claims:
  - row_count > 0
  - missing_count(iban) = 0:
      name: Each claim has an account
      attributes:
        dimension: completeness
  - missing_percent(iban):
      warn: when > 10%
  - duplicate_count(claim_id) = 0
  - min(amount) >= 0
  - invalid_count(region) = 0:
      valid values: [north, south]
"""

connection = duckdb.connect()
connection.execute("CREATE TABLE claims (claim_id integer, region varchar, amount double, iban varchar)")
connection.executemany("INSERT INTO claims VALUES (?, ?, ?, ?)", list(zip(*ROWS.values(), strict=True)))
scan = Scan()
scan.add_duckdb_connection(connection, data_source_name="bank")
scan.set_data_source_name("bank")
scan.set_scan_definition_name("nightly")
scan.add_sodacl_yaml_str(CHECKS)
scan.execute()
(Path(sys.argv[1]) / "scan.json").write_text(json.dumps(scan.get_scan_results(), default=str))
