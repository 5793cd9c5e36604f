"""Input and output without business: settings, database, embedded server, jobs, mail, files."""
