"""Models fitted to counted patterns: Newton's method, errors, diagnostics."""
