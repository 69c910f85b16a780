"""What an upgrade must not move: the recorded storage layout of every contract we ship."""
