"""Result → eyes: text, tables and charts; the only place that rounds."""
