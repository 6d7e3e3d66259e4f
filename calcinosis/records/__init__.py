"""The memory between runs: what each export asked and gave, by the hash of the export."""
