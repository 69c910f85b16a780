"""What documentation comments say, as the JSON that wallets and explorers show: `userdoc` and `devdoc`."""
