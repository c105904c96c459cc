"""What the rows of a plan are: columns brought to them, variables made, rows reduced to persons."""
