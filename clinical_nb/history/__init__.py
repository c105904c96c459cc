"""What was asked: JSON lines without patients' data, from which every question can be rerun."""
