"""Formulas that people type: a parser, a tree that is never run as code, and its gradient."""
