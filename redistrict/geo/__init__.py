"""Everything that knows geometry: reading, repair, roads along frontages, the contiguity graph."""
