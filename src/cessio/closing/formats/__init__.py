"""The daily seal as a file."""
