"""LF-Tag keys and values: what they mean and what carries them."""
