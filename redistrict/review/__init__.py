"""Review: a finished plan on a page that several people change together."""
