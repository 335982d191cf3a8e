"""A setting in a loop of one's own: every regularizer acts on a plain torch model, as it would in a lane."""

from regcore.cocktail.attached import Attached
from regcore.cocktail.cocktail import Cocktail
from regcore.cocktail.errors import CocktailError, InvalidSetting, LoopError, UnsuitedModel
from regcore.cocktail.trained import Trained

__all__ = ["Attached", "Cocktail", "CocktailError", "InvalidSetting", "LoopError", "Trained", "UnsuitedModel"]
