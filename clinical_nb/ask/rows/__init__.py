"""Which of a person's several rows a question means, and the plan about that one number."""
