"""What all charts and pictures share: colours, specifications, number grids."""
