"""regcore: regularizers for torch, each declared once, trained as lanes of one tensor program.

The package itself, `regcore.hyper`, `regcore.catalog` and `regcore.stopping` import no torch.
"""
