"""Asking by LF-Tags: not for one table, but for whatever carries them."""
