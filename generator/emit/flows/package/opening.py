"""The module __init__ of the provider package, word for word."""

TEXT = r'''"""Transforms of data flows for Apache Beam YAML that Beam has only in Java, or not at all.

`providers.yaml` of each flow tells Beam their names. They belong into the image of the launcher and of the workers.
"""
'''
