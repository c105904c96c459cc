"""Tables of counts by what they count: pairs of values, patterns of columns, periods, levels."""
