"""The coordinator: the process that sweeps up after lost workers, suggests trials ahead of need and wakes workers."""
