"""Flows as pipelines of Apache Beam YAML: what a launcher is given, be it from a folder or from a ConfigMap."""
