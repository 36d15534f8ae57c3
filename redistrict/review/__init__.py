"""Review: a finished plan on a page that several people change together, kept as a list of events.

Read `state` first: a reviewed plan is the result folder and its events, and every state is a fold over them. `log`
keeps them in SQLite, `desk` holds what is read of the result once, `shown` gives the plan of a state and `figures` its
numbers and faults, `told` puts both as JSON, in words of `said`. `posted` checks what browsers send, `session` writes
it down and tells everybody, `healer` repairs in a thread, `repairs` says what came of it, `export` writes the new
result. `server` is the only module that knows HTTP, `guard` what lets nobody else in; `page` is the page, with its
`words` and the scripts in `static`. Nothing here is state but the events.
"""
