"""Each permission as managed, ending, unmanaged or missing; findings and ordered removals."""
