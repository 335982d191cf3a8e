"""Drawing: small pictures as SVG, with two colors that mean the same everywhere, and their comparison."""

from regcore.drawing.comparing import alike
from regcore.drawing.plot import Box, Plot
from regcore.drawing.svg import HEIGHT, WIDTH, Drawing

__all__ = ["HEIGHT", "WIDTH", "Box", "Drawing", "Plot", "alike"]
