"""What goes wrong in a coordinator, as one tree.

CoordinatorError
└── BrokerUnreachable    idle workers cannot be woken; everything else goes on
"""

from __future__ import annotations


class CoordinatorError(Exception):
    """A coordinator cannot do its work."""


class BrokerUnreachable(CoordinatorError):
    """The broker does not answer. Nothing is lost: busy workers go on, and idle ones are woken once it does."""
