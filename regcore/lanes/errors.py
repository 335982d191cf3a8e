"""What can go wrong before lanes train."""


class CannotCompile(Exception):
    """There is no compiler, or it fails; the message says why."""
