"""Athena's query history: reads what queries read, by account and workgroup."""
