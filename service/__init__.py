"""The service: the database that owns the work, and the processes that ask, answer and watch over it."""
