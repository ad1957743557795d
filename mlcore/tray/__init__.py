"""The run tray: what a pin holds, how pins are kept, compared and written to files."""
