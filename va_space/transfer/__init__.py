"""Pictures that come to feel like music: generators, the objective, one optimiser."""
