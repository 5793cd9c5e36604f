"""Files in which receivables come, tables of any shape; and the receipt of their assignment."""
