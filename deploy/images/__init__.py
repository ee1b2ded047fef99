"""The images of deploy/docker, built on a machine without a Docker engine."""
