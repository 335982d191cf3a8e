"""The learning-rate schedules, one file each."""

from regcore.folder import Folder
from regcore.training import Schedule

_folder = Folder(__name__, __path__, Schedule)
kinds = _folder.kinds
find = _folder.find
