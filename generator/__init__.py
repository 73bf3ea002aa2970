"""Interlock: one authored contract in, every integration artifact out, each proven by its field's tool."""

__version__ = "0.1.0"
