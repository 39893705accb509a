"""`python -m tools.bench.harness.subprocess_call <module> <function> <argument>…`: a function of a bench's module, as a process with Django."""

import sys
from importlib import import_module

import django

if __name__ == "__main__":
    django.setup()
    getattr(import_module(sys.argv[1]), sys.argv[2])(
        *(int(each) if each.isdecimal() else each for each in sys.argv[3:])
    )
