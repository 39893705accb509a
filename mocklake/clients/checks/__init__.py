"""Checks of foreign clients: each public function of a module is one. They run in the client's own environment, which has
nothing of mocklake's: only the standard library, the client and what it needs may be imported.
"""
