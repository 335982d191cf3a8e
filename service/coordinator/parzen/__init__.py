"""Parzen estimators of a study's good and bad trials, over all dimensions of its space at once."""
