"""Changes of LF-Tags that people propose and data owners approve."""
