"""The command line: `regtune`."""
