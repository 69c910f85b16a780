"""What the services of the market cost to run."""
