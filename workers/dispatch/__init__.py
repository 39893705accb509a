"""Finds due rows and sends their tasks."""
