"""Files of any shape: what is in a stranger's CSV or workbook, and which of its columns is what."""
