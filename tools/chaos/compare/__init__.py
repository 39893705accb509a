"""Compares approved access with permissions in AWS, without code of the engine."""
