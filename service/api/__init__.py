"""The HTTP API: reads and writes rows, and never talks to the broker, to torch or to Optuna."""
