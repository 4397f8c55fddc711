"""What a configuration holds, one file per kind of object: how it is read, written, and taken away."""
