"""The regularizers, one file each; a file's name is the kind by which studies name it."""

from regcore.folder import Folder
from regcore.sites import Regularizer

_folder = Folder(__name__, __path__, Regularizer)
kinds = _folder.kinds
find = _folder.find
