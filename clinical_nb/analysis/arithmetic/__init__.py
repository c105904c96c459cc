"""Tests, intervals and estimates as functions of counts, each by a named method."""
