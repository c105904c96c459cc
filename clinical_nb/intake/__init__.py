"""Files → tables: one reader per format, archives made safe, values cleaned."""
