"""What the civil-affairs office counts: diagnosis, staff, premises, funds, lineage, four bounds, crossings, rules.

Read `city` (what is counted) and `office` (all counts of it, in the order of its communities), then the one you are
after (`sides` and `bounds` are told from `border_net`); `diagnosis` is the same for today's communities, `foresight`
(with `prospects` and `foretold`) what is sure before there is a plan. Ratios, norms and limits come from the scenario:
there is no number of an office in code.
"""
