"""What must survive a crash: journals, settlements, keeper runs and leases, in SQL; private files."""
