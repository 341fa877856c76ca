"""What a person types or uploads, parsed and never evaluated."""
