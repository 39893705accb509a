"""`manage.py bench`: figures measured on this machine, held against what they must be. See docs/bench.md.

A subject is a module with `HELP`, `add_arguments(parser)` and `run(board, options)`. All it starts listens on
127.0.0.1 alone, and it ends all it started.
"""

SUBJECTS = {
    "awsim": "demo.bench.awsim",
    "clients": "demo.bench.clients",
    "engine": "demo.bench.engine",
    "mirror": "demo.bench.mirror",
    "pages": "demo.bench.pages",
    "policy": "demo.bench.policy",
    "search": "demo.bench.search",
}
