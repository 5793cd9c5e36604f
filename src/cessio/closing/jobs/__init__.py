"""What closing does by itself."""

from cessio.closing.jobs.days import BACK_FILL, DAY_END, VERIFY
from cessio.closing.jobs.seals import SEAL, drawn_seal

__all__ = ["BACK_FILL", "DAY_END", "SEAL", "VERIFY", "drawn_seal"]
