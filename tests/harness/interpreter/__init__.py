"""The interpreter beside py-evm's own: the same programs on both, compared frame by frame."""
