"""The engine: seeds, annealing, exact cover and the exact model, with the strategy on top."""
