"""regcore: regularizers for torch, each declared once, trained as lanes of one tensor program.

`regcore.Cocktail` brings a setting of them into a loop of one's own. The package itself, `regcore.hyper`,
`regcore.catalog` and `regcore.stopping` import no torch, which is loaded when the cocktail is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regcore.cocktail import Cocktail as Cocktail


def __getattr__(name: str) -> object:
    if name == "Cocktail":
        from regcore.cocktail import Cocktail

        return Cocktail
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
