"""Ask clinical questions in plain words; the answers come with the right statistics, checked and reproducible."""
