"""The compute face of regtune: processes that take queued fits from the database and train them as lanes."""
