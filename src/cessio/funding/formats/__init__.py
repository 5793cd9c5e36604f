"""Files of others that funding reads."""
