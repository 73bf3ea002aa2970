"""From a folder of YAML to a typed, located system."""

from generator.read.merge import contract_files, read

__all__ = ["contract_files", "read"]
