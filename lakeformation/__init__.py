"""Lake Formation as values: what is wanted, what was read, and the plan between them.

Pure: standard library only; no database, no network, no clock. `now` is always an argument.
"""
