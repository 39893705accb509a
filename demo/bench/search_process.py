"""`python -m demo.bench.search_process fill|answer <tables> <seed>`: our side of `bench search`, as a process."""

import sys
from importlib import import_module

import django

if __name__ == "__main__":
    django.setup()
    getattr(import_module("demo.bench.search_own"), sys.argv[1])(int(sys.argv[2]), int(sys.argv[3]))
