"""Foreign clients, unmodified, run against mocklake: `python3 manage.py test --clients`.

Each has an environment, a server and a seed of its own. Their results are in docs/clients.md.
"""
