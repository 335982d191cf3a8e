"""Networks of one's own: any torch module of one input as an architecture on which regularizers act."""

from regcore.modules.architecture import ModuleArchitecture
from regcore.modules.blocks import Block, Residual
from regcore.modules.errors import UnsuitedModule

__all__ = ["Block", "ModuleArchitecture", "Residual", "UnsuitedModule"]
