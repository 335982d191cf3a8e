"""Pages: the reference documentation of the regularizers, in Markdown, as it follows from the catalogue."""

from regcore.pages.index import index
from regcore.pages.kinds import page

__all__ = ["index", "page"]
