"""What `modelhall doctor` looks at: each check is a small function that returns a finding."""
