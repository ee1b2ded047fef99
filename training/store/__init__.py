"""What is known of every client, put into the online store."""
