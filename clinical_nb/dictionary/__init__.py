"""Columns → meaning: what each column is, how it is labelled and coded; inferred, then declared by a person."""
