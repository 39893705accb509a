"""The record: who did what, when; sealed in a chain that shows every later change."""
