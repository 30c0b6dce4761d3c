"""What knows Lightning's Trainer: command line, runs, checkpoints, callbacks."""
