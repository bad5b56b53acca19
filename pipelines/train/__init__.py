"""`mine train`: encoders and linear maps from parallel text."""
