"""The house rules that no linter knows. Each test says which rule; `tree` reads the files."""
