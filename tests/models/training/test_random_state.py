import random

import torch

from notebook_models.training import random_state

CPU = torch.device("cpu")


def drawn() -> tuple[float, float]:
    return random.random(), torch.rand(()).item()


def test_what_is_restored_draws_the_same_again() -> None:
    """After restore, Python and PyTorch draw what they drew after capture."""
    state = random_state.capture(CPU)
    first, second = drawn(), drawn()
    random_state.restore(state, CPU)
    assert [drawn(), drawn()] == [first, second]
    assert first != second


def test_a_seed_decides_what_is_drawn() -> None:
    """The same seed draws the same from both generators, another seed other numbers from both."""
    draws = []
    for number in (1, 1, 2):
        random_state.seed(number)
        draws.append(drawn())
    assert draws[0] == draws[1]
    assert not set(draws[0]) & set(draws[2])
