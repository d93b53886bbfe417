"""What every room stands on: ARNs, external IDs, partitions, sentences, results."""
