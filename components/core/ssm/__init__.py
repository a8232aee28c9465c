"""What Parameter Store is asked for: names, versions, tags and finds, each as one string."""
