"""Files in which receivables come: tables of any shape today, e-invoices later."""
