"""Session documents, written by architects in Markdown, become a draft contract; what they leave open becomes questions."""

from generator.extract.drafting import Draft, extract
from generator.extract.reporting import report, report_data

__all__ = ["Draft", "extract", "report", "report_data"]
