"""Words to what this dataset has: columns, labels, levels, units, days, and numbers with units."""
