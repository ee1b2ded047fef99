"""What a cluster of a size needs: from what one core does at each part, by arithmetic and by a simulation."""
