"""What each analysis that a question names makes of the question's parts."""
