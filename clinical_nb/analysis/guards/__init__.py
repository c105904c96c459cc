"""What is doubtful of an answer, and refused or said beside it."""
