"""What the civil-affairs office counts: diagnosis, staff, premises, funds, lineage, four bounds, crossings, rules."""
