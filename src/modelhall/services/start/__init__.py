"""What is found and made at each start: the first account, keys in the environment, local servers."""
