"""The compiler, stage by stage."""
