"""What the civil-affairs office counts: staffing now; premises, lineage and rule packs are to come."""
