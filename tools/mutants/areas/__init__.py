"""The mutants, a module for each area."""
