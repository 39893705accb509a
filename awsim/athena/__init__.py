"""Athena, thin: one SELECT over the columns that Lake Formation grants, run by DuckDB on the Parquet objects.

A refused query is accepted and then FAILED with the reason, as AWS does; only missing workgroup rights
are refused at the call.
"""

from awsim.athena.executions import HANDLERS, new_store

__all__ = ["HANDLERS", "new_store"]
