"""What a module may be that regularizers cannot act on."""


class UnsuitedModule(Exception):
    """The module is no network of one input and one row of outputs each; the message says why, and what to change."""
