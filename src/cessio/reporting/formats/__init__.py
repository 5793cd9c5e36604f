"""Reports as files."""

from cessio.reporting.formats.portfolio import AGES, MEDIA_TYPES, ReportFormat, render

__all__ = ["AGES", "MEDIA_TYPES", "ReportFormat", "render"]
