"""`mine evaluate`: metrics of encoders, of miners and of mined pairs, side by side."""
