"""Small faults in what must not break, each of which the tests must notice; see docs/mutants.md."""
