"""A thin driver over ``train`` and ``test_run`` across a grid and seeds: screen, confirm, report."""
