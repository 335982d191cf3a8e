"""The optimizers, one file each. None of them decays weights: decay is a regularizer."""

from regcore.folder import Folder
from regcore.training import Optimizer

_folder = Folder(__name__, __path__, Optimizer)
kinds = _folder.kinds
find = _folder.find
