"""Bench of usage and cost."""
