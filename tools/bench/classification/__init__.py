"""Precision and recall of the detectors on a labelled file of columns."""
