"""From a folder of YAML to a typed, located system."""

from generator.read.merge import contract_files, read
from generator.read.pages import page_files, template_files

__all__ = ["contract_files", "page_files", "read", "template_files"]
