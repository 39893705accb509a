"""Plans of a search: by a short statement for rare terms, or by the general one."""
