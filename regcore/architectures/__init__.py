"""The shipped networks, one file each."""

from regcore.folder import Folder
from regcore.network import Architecture

_folder = Folder(__name__, __path__, Architecture)
kinds = _folder.kinds
find = _folder.find
