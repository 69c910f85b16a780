"""The relay: takes requests to operators over the sockets they opened, and their answers back."""
