"""The images of deploy/docker, built and mounted on a machine without a Docker engine."""
