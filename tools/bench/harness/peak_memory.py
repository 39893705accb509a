"""`python -m tools.bench.harness.peak_memory <command>…`: a command of manage.py; on the last line the most memory that it took, in MB.

The command says it itself: what wait4 tells of a child begins with the memory of its parent, which in a bench is more.
"""

import sys

from django.core.management import execute_from_command_line

from tools.bench.harness.subprocesses import read_memory

if __name__ == "__main__":
    execute_from_command_line(["manage.py", *sys.argv[1:]])
    print(read_memory("VmHWM"))
