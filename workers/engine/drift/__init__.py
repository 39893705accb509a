"""Drift: findings, unmanaged permissions, changed filters, widenings and holds."""
