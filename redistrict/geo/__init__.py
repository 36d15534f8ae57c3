"""Everything that knows geometry: reading, repair, roads along frontages, the contiguity graph.

Read `source` with `raw`, `encoding` and `tables` (one layer of one file, made certain), `blocks` with `counts`,
`spread`, `levels` and `overlaps`, and `roads` (what is read), `frontage` with `rays` (which blocks look at each
other), `cells` with `noding`, `diagram`, `clipping` and `loose_ends` (whose the ground between them is), `graph` (who
is a neighbour of whom, with `components`) and `outlines` with `edges` (streets that go to one side); `current`,
`sites`, `projects`, `grids_today` and `start` read what an office keeps beside the blocks. Projection happens once, in
`blocks`; after that everything is in metres. Nothing is mended in silence: every repair is a note.
"""
