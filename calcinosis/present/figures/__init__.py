"""One module per figure; `style` holds what all share."""
