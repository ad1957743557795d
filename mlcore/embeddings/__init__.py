"""Encode and decode: what a network keeps of its input, and where it puts it."""
