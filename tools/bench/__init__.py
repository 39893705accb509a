"""`manage.py bench`: figures measured on this machine, held against what they must be. See docs/bench.md."""
