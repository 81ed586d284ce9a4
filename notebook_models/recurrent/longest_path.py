"""How much of a computation must wait: the longest chain of operations in autograd's graph. Knows nothing of models."""

from torch import Tensor
from torch.autograd.graph import Node


def longest_path(output: Tensor) -> int:
    """Return the length of the longest chain of operations that leads from a parameter or an input to `output`.

    Each operation in the chain needs the result of the one before, so no number of processors makes the chain shorter:
    it is the least number of sequential operations (Vaswani et al. 2017, section 4). One that autograd records counts
    as one, a product of matrices as much as a transposition; so counts compare as they grow, not as they are. An input
    must ask for a gradient if chains that begin there and meet no parameter are to be counted.

    Raises ValueError where nothing was recorded.
    """
    if output.grad_fn is None:
        msg = "expected the result of recorded operations, got a tensor without grad_fn"
        raise ValueError(msg)
    longest: dict[Node, int] = {}
    waiting = [output.grad_fn]
    while waiting:  # a walk by recursion would be as deep as the chain is long
        needed = [node for node, _ in waiting[-1].next_functions if node is not None]
        if unknown := [node for node in needed if node not in longest]:
            waiting += unknown
        else:
            node = waiting.pop()
            is_leaf = node.name().endswith("AccumulateGrad")
            longest[node] = 0 if is_leaf else 1 + max((longest[each] for each in needed), default=0)
    return longest[output.grad_fn]
