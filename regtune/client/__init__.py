"""The HTTP client: a server's studies and data sets from Python."""

from regtune.client.client import Client
from regtune.client.errors import InvalidAddress, ProblemError, ServerUnreachable, StudyTimeout

__all__ = ["Client", "InvalidAddress", "ProblemError", "ServerUnreachable", "StudyTimeout"]
