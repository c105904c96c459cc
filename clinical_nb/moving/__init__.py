"""Datasets in and out of a store otherwise than by an upload: exported, archived, taken in, adopted."""
