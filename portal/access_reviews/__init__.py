"""Recertification campaigns and their evidence."""
