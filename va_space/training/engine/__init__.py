"""What every training shares: the loop, checkpoints, progress, caches, augmentation."""
