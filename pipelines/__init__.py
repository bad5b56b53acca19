"""The only room with Beam, files and the command line."""
