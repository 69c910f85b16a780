"""Every endpoint of every service, asked what nobody asks: no failure of ours, no hang, no death."""
