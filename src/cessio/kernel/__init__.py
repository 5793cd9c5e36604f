"""Pure vocabulary shared by every capability: money, rates, dates, errors."""
