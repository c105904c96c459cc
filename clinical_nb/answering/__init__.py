"""Plan → answer: computed or reused, disclosed, compared, kept in the history; and the conversation around it."""
