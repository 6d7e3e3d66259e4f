"""One module per figure; `style` holds what all share."""

from matplotlib.artist import Artist

# Of each of its classes matplotlib would write down what `set` takes, for people who ask for help:
# two fifths of the time that a figure's step needs for its imports.
Artist._update_set_signature_and_docstring = classmethod(lambda _: None)  # type: ignore[attr-defined]
