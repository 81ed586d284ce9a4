"""The recurrent language model: what comes next, given all that was read. Knows nothing of how it is trained."""

from jaxtyping import Float, Int
from torch import Tensor, nn

from notebook_models.recurrent.lstm import LSTM, Memory


class RecurrentLanguageModel(nn.Module):
    """`p(x_{t+1} | x_1, ..., x_t) = softmax(W h_t + b)`, where `h_t` is an LSTM's state after token t.

    Source: Mikolov et al. 2010, section 2, with an LSTM for its plain network.
    """

    def __init__(self, vocab: int, d_model: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, d_model)
        self.lstm = LSTM(d_model, d_model)
        self.output = nn.Linear(d_model, vocab)

    def forward(
        self, tokens: Int[Tensor, "batch time"], memory: Memory | None = None
    ) -> tuple[Float[Tensor, "batch time vocab"], Memory]:
        """Return the logits of the token after each one, and the memory from which reading can go on."""
        read = self.lstm(self.embedding(tokens), memory)
        return self.output(read.state), Memory(read.state[:, -1], read.cell[:, -1])
