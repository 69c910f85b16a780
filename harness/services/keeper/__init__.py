"""The keeper: fires due jobs of the schedule, each slot once, within caps."""
