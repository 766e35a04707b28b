"""The codec server: a program of its own, that shows operators what is encrypted."""
