"""What the worker computes for the reports about the whole mesh: similar tables, columns to join by, and searches without result."""
