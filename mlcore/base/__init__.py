"""What every experiment is made of: named variants, frozen specs, the device, refusals."""
