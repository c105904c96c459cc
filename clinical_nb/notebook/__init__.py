"""The Jupyter edge: magics, completion, the panel."""
